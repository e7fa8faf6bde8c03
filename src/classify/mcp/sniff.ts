/** What language a text is in, by how it begins. */

/** How statements begin, and sentences that begin with the same verb do not: `delete from`, not `delete the`. */
const beginnings: readonly RegExp[] = [
  /^(--|\/\*|;)/,
  /^(exec|execute|pragma|attach|detach|dbcc)\s+[\w.'"(=]+(\s*$|\s*[;('=@]|\s+('|@|as\b))/,
  /^((insert|merge|replace)\s+into\s+\S+\s*(\(|values|select|using|as\b|default)|delete\s+from\s+(only\s+)?\S+\s*(;|$|where|using|returning|limit|order|as\b)|load\s+data|do\s+\$|with\s+(recursive\s+)?["\w]+\s*(\([^)]*\)\s*)?as\b)/,
  /^(update\s+[^;]{1,200}?\sset\s|copy\s+\S+\s*(\([^)]*\)\s*)?(from|to)\s+(stdin|stdout|program|')|call\s+[\w.]+\s*\()/,
  /^(drop|alter|create|rename|truncate|comment\s+on|reindex|refresh|lock)\s+(or\s+replace\s+|temp\s+|temporary\s+|unique\s+|global\s+|unlogged\s+|if\s+exists\s+|only\s+)*(table|database|schema|view|materialized|index|role|user|type|domain|function|procedure|aggregate|extension|trigger|policy|sequence|owned|publication|subscription|tablespace|event|server|system|column|collation|operator|cast|rule|language)\b/,
  /^(truncate\s+["`[\w.]+\s*(;|,|$|cascade|restart)|(grant|revoke)\s[^;]{1,400}?\son\s[^;]{1,400}?\s(to|from)\s)/,
  /^(grant|revoke)\s+["\w]+\s+(to|from)\s+["\w]+\s*(;|$)/,
  /^select\s+([^.!?;]*\bfrom\s+["`[\w(]|[\d'"*(]|[\w.]+\s*\(|[\w.]+\s*(,|;|$))/,
  /^(vacuum|analyze|explain|execute|prepare|begin|start|values|show|table|set|cluster|reset)(\s+["\w.(=]+){0,3}\s*(;|=|\(|to\b|as\b|select\b|delete\b|update\b|insert\b|transaction\b|$)/,
]

export function looksSql(text: string): boolean {
  const begun = text
    .slice(0, 4000)
    .replace(/^[\s(\uFEFF]+/, '')
    .toLowerCase()
  return beginnings.some((beginning) => beginning.test(begun))
}

export function looksGraphql(text: string): boolean {
  return /^\s*(#[^\n]*\n\s*)*((query|mutation|subscription)\b[^{]{0,2000}\{|\{\s*[A-Za-z_])/.test(
    text,
  )
}
