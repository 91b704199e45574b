/** Flags of a Go program, `-bind :9121`, where such a program is replaced: its service file need not change. */
const flags = /^-(?:bind|config|cron|from)(?:=|$)/

/** The same command line with two dashes; unchanged without `--from`, where `-c` and its like are ours. */
export function withGoFlags(argv: readonly string[]): string[] {
  const replaces = argv[2] === 'serve' && argv.some((word) => /^--?from(?:=|$)/.test(word))
  return argv.map((word) => (replaces && flags.test(word) ? `-${word}` : word))
}
