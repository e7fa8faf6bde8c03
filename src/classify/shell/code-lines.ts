/** Lines for a shell within code: where it runs programs at all, each text and each list of texts in it may be one. */

/** Whether it can run a program, under whatever name it has called that. */
const able =
  /\b(?:os\.(?:system|popen|exec\w*|spawn\w*|posix_spawn\w*|startfile)|subprocess|commands|pty|pexpect|popen\w*|create_subprocess_\w+|getattr\s*\(\s*os|__import__|import_module|child_process|execa|zx|shelljs|system|exec\w*|spawn\w*|shell|qx|open3|Open3|IO\.popen|Kernel|Process|proc_open|passthru|shell_exec|pcntl_exec|os\.execute|io\.popen|Deno\.(?:Command|run)|Bun|System\.cmd|os:cmd|sys\.process|callCommand|run-program|call-process|shell-command|start-process|getRuntime|ProcessBuilder|syscmd|esyscmd|run)\b|\$`|\|\s*getline|\bprint\b[^\n|]{0,300}\|\s*["\w]|\.!|\.execute\s*\(\)|open\s*\(?\s*\w+\s*,\s*["']/

/** In these a text between backticks is run. */
const ticked = /^(perl|ruby|php|bun|julia|crystal)$/

const literal = /(?<![\w\\])[fbr]?("""|'''|["'])((?:\\.|(?!\1)[^\\]){0,800})\1/gs

/** Between two texts of one list, or of one sum. */
const listed = /^[\s,[\](){}]*(?:args\s*[:=]\s*)?[\s,[\](){}]*$/
const summed = /^\s*(?:\+|\.|)\s*$/

export function linesIn(name: string, text: string): readonly string[] {
  const own = [...tcl(text), ...(ticked.test(name) ? ticks(text) : [])]
  if (!able.test(text)) return own
  const found: string[] = [...own]
  let line = ''
  let end = -1
  for (const one of text.matchAll(literal)) {
    const word = plain(one[2] ?? '')
    const between = end < 0 ? null : text.slice(end, one.index)
    if (between !== null && summed.test(between) && !between.includes(',')) line += word
    else if (between !== null && listed.test(between) && between.includes(',')) line += ` ${word}`
    else {
      found.push(line)
      line = word
    }
    // Each by itself is a text, too.
    found.push(word)
    end = one.index + one[0].length
  }
  return [...new Set([...found, line])].filter((one) => /\S\s+\S|^[\w-]+$/.test(one))
}

const ticks = (text: string): readonly string[] =>
  [
    ...text.matchAll(/`((?:\\.|[^`\\]){0,800})`/gs),
    ...text.matchAll(/(?:%x|qx)\s*(?:[({[/|!]|\s(?=\w))([^)}\]|!\n]{0,800})[)}\]/|!]/g),
  ].map(([, line = '']) => line)

/** Words without quotes: Tcl's and Expect's. */
const tcl = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*(?:exec|spawn|system)\s+([\w./-]+\s[^\n;"'(]+)$/gm)].map(
    ([, line = '']) => line,
  )

function plain(text: string): string {
  return text
    .replaceAll(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .replaceAll(/\\n/g, '\n')
    .replaceAll(/\\(["'`\\$])/g, '$1')
    .replace(/^\||\|$/g, '')
}

/** It decodes something, and runs what comes of it. */
export function isHidden(text: string): boolean {
  const decodes =
    /b64decode|base64_decode|\batob\s*\(|from\s*\([^)]{0,200}["'](base64|hex)["']|decode64|unhexlify|fromhex|fromCharCode|pack\s*\(\s*["']H|\bcodecs\.decode|zlib\.(decompress|inflate)|marshal\.loads|gzinflate|str_rot13/
  const evaluates =
    /(?<![\w.])(?:exec|eval|assert|compile)\s*\(|\bnew\s+Function\s*\(|(?<![\w.])Function\s*\(|instance_eval|class_eval|\b(?:system|popen|execSync|run|call|Popen|shell_exec|passthru)\s*\(\s*(?:__import__|base64|Buffer|atob|codecs|bytes|str)/
  return decodes.test(text) && evaluates.test(text)
}
