/** As far as the differential test looks at it. */
declare module 'mvdan-sh' {
  interface Part {
    readonly Value?: string
    readonly Parts?: readonly Part[]
    readonly Dollar?: boolean
  }
  interface Node {
    readonly Args?: readonly { readonly Parts: readonly Part[] }[]
  }
  interface Syntax {
    NewParser(): { Parse(text: string, name: string): Node }
    Walk(node: Node, visit: (node: Node | null) => boolean): void
    NodeType(node: Node | Part): string
  }
  const sh: { readonly syntax: Syntax }
  export default sh
}
