/** What a person types as a list: by blank space or commas. */
export function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '')
}
