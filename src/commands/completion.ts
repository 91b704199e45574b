import { Command, Option } from 'commander'

const shells = ['bash', 'zsh', 'fish'] as const

export const define = (): Command =>
  new Command('completion')
    .description('print a completion script: source <(muster completion bash)')
    .argument('<shell>', shells.join(', '))
    .addHelpText(
      'after',
      [
        '',
        "bash   echo 'source <(muster completion bash)' >> ~/.bashrc",
        'zsh    muster completion zsh > ~/.zfunc/_muster   (a folder of your $fpath)',
        'fish   muster completion fish > ~/.config/fish/completions/muster.fish',
      ].join('\n'),
    )
    .addOption(
      new Option('--names <kind>', 'print the names the configuration knows')
        .choices(['jobs', 'repositories'])
        .hideHelp(),
    )
    .action(async (shell: string, options: { names?: 'jobs' | 'repositories' }, command: Command) => {
      const { exitCodes } = await import('./exit.ts')
      if (options.names !== undefined) {
        const { loadConfig } = await import('../config/load.ts')
        for (const name of Object.keys(loadConfig(undefined, process.env).config?.[options.names] ?? {}))
          process.stdout.write(`${name}\n`)
        return
      }
      if (!(shells as readonly string[]).includes(shell)) {
        process.stderr.write(
          `There is no completion for ${JSON.stringify(shell)}.\n    → muster completion ${shells.join(' | ')}\n`,
        )
        process.exitCode = exitCodes.usage
        return
      }
      const { completionScript } = await import('../outlets/terminal/completion.ts')
      process.stdout.write(completionScript(command.parent ?? command, shell as (typeof shells)[number]))
    })
