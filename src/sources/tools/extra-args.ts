/** Further arguments that a job hands to its tool: the same form for each of them, with what a tool refuses. */
import { z } from 'zod'

export interface Refused {
  /** Quoted. */
  readonly argument: string
  readonly reason: string
}

/** The setting `extraArgs`; every refused argument is told. */
export const extraArgs = (refusedArguments: (args: readonly string[]) => readonly Refused[]) =>
  z.array(z.string()).superRefine((args, context) => {
    for (const { argument, reason } of refusedArguments(args))
      context.addIssue({
        code: 'custom',
        // What stands behind the sign may be a secret: --password-command=…
        message: `The argument ${argument.replace(/=.*/s, '=…"')} is refused: ${reason}.`,
        params: { next: 'Take it out.' },
      })
  })

/** Refusals of arguments that are judged each by itself. */
export const refusedBy = (judge: (argument: string) => string | undefined, args: readonly string[]): Refused[] =>
  args.flatMap((argument) => {
    const reason = judge(argument)
    return reason === undefined ? [] : [{ argument: JSON.stringify(argument), reason }]
  })
