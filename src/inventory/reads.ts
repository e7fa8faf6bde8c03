/** The check on our own questions: the inventory must never change what it measures. */

/** True for GraphQL text that begins as a query and nowhere names another kind: our questions are constants, so no more is needed. */
export function readsOnly(query: string): boolean {
  return /^\s*(query\b|\{)/.test(query) && !/\b(mutation|subscription)\b/.test(query)
}
