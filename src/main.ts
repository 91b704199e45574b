/** The door: argv to one command. Everything a command needs is loaded when it runs, so that `--help` is fast. */

import { exitCodes, tellBug } from './commands/exit.ts'
import { withGoFlags } from './commands/go-flags.ts'
import { program } from './commands/program.ts'

try {
  await program().parseAsync(withGoFlags(process.argv))
} catch (error) {
  process.exitCode = tellBug(error)
}
process.exitCode ??= exitCodes.fine
