/** Completion scripts, from the command line as it is defined: nothing to keep in step by hand. */
import type { Command } from 'commander'

interface Entry {
  readonly path: readonly string[]
  readonly description: string
  readonly subcommands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly {
    readonly flag: string
    readonly description: string
    readonly choices: readonly string[]
  }[]
  /** What the arguments name: known to the configuration. */
  readonly names: 'jobs' | 'repositories' | undefined
}

export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const entries = entriesOf(program, [])
  if (shell === 'fish') return fish(entries)
  const script = bash(entries)
  // zsh runs the bash function through its own emulation.
  return shell === 'bash' ? script : `#compdef muster\nautoload -U +X bashcompinit && bashcompinit\n${script}`
}

function entriesOf(command: Command, path: readonly string[]): Entry[] {
  const visible = command.commands.filter((sub) => !(sub as unknown as { _hidden: boolean })._hidden)
  const argument = command.registeredArguments[0]?.name() ?? ''
  return [
    {
      path,
      description: command.description(),
      subcommands: visible.map((sub) => ({ name: sub.name(), description: sub.description() })),
      options: command.options
        .filter((option) => !option.hidden)
        .map((option) => ({
          flag: option.long ?? option.short ?? '',
          description: option.description,
          choices: option.argChoices ?? [],
        })),
      names: argument.startsWith('job') ? 'jobs' : argument.startsWith('repositor') ? 'repositories' : undefined,
    },
    ...visible.flatMap((sub) => entriesOf(sub, [...path, sub.name()])),
  ]
}

function bash(entries: readonly Entry[]): string {
  const cases = entries.map((entry) => {
    const words = [
      ...entry.subcommands.map(({ name }) => name),
      ...entry.options.map(({ flag }) => flag),
      '--help',
    ].join(' ')
    const names = entry.names === undefined ? '' : ` $(muster completion bash --names ${entry.names} 2>/dev/null)`
    return `    '${entry.path.join(' ')}') words="${words}${names}" ;;`
  })
  const choices = new Map(
    entries.flatMap(({ options }) =>
      options.filter((option) => option.choices.length > 0).map((option) => [option.flag, option.choices] as const),
    ),
  )
  const values = [...choices].map(
    ([flag, allowed]) => `    ${flag}) COMPREPLY=($(compgen -W "${allowed.join(' ')}" -- "$word")); return ;;`,
  )
  return `_muster() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" at
  case "$before" in
    -c|--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
${values.join('\n')}
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${path:+$path }\${COMP_WORDS[at]}" in
      ${entries
        .filter(({ path }) => path.length > 0)
        .map(({ path }) => `'${path.join(' ')}'`)
        .join('|')}) path="\${path:+$path }\${COMP_WORDS[at]}" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _muster muster
`
}

function fish(entries: readonly Entry[]): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = entries.flatMap((entry) => {
    const condition =
      entry.path.length === 0 ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${entry.path.at(-1)}`
    return [
      ...entry.subcommands.map(
        ({ name, description }) => `complete -c muster -n ${quote(condition)} -a ${name} -d ${quote(description)}`,
      ),
      ...entry.options.map(
        ({ flag, description, choices }) =>
          `complete -c muster -n ${quote(condition)} -l ${flag.slice(2)} -d ${quote(description)}${choices.length > 0 ? ` -xa ${quote(choices.join(' '))}` : ''}`,
      ),
      ...(entry.names === undefined
        ? []
        : [
            `complete -c muster -n ${quote(condition)} -a '(muster completion fish --names ${entry.names} 2>/dev/null)'`,
          ]),
    ]
  })
  return `complete -c muster -f\n${lines.join('\n')}\n`
}
