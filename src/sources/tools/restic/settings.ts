/** Settings that only restic has; the common ones are in the schema of jobs and repositories. */
import { z } from 'zod'
import type { ToolSettings } from '../settings.ts'
import { refusedArgument } from './extra-args.ts'

export { refusedArgument, separate } from './extra-args.ts'

const size = /^\d+[kKmMgGtT]?$/

const PackSize = z
  .int()
  .min(4)
  .max(128)
  .optional()
  .meta({ description: 'Target size of pack files in MiB; restic itself takes 16.', examples: [64] })

const ExtraArgs = z.array(z.string()).superRefine((args, context) => {
  const refused = refusedArgument(args)
  if (refused !== undefined)
    context.addIssue({
      code: 'custom',
      // What stands behind the sign may be a secret: --password-command=…
      message: `The argument ${refused.argument.replace(/=.*/s, '=…"')} is refused: ${refused.reason}.`,
      params: { next: 'Take it out.' },
    })
})

const repositoryShape = {
  options: z
    .array(
      z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+=/, 'Write backend.name=value, such as s3.storage-class=STANDARD_IA'),
    )
    .optional()
    .meta({ description: 'Backend options of restic, passed with `-o`.', examples: [['sftp.args=-p 2222']] }),
  packSize: PackSize,
  pruneMaxUnused: z
    .string()
    .regex(/^(unlimited|\d+(\.\d+)?%|\d+[kKmMgGtT]?)$/, 'Write a size (200M), a share (5%) or unlimited')
    .optional()
    .meta({ description: 'How much unused data `prune` may leave; restic itself takes 5%.', examples: ['10%', '2G'] }),
  pruneMaxRepackSize: z
    .string()
    .regex(size, 'Write a size, such as 10G')
    .optional()
    .meta({ description: 'The most data one `prune` writes anew.', examples: ['10G'] }),
}

const jobShape = {
  compression: z
    .enum(['auto', 'off', 'max'])
    .optional()
    .meta({ description: 'Compression of new data; needs a repository of version 2.', examples: ['max'] }),
  readConcurrency: z
    .int()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: 'Files read at the same time; restic itself takes 2. Needs restic 0.15.', examples: [4] }),
  packSize: PackSize,
  extraArgs: ExtraArgs.optional().meta({
    description:
      'Further arguments of `restic backup`. Refused: what redirects repository, password or output, or has a setting here.',
    examples: [['--exclude-larger-than=1G', '--ignore-inode']],
  }),
}

/** Every restic repository is encrypted. */
const needsPassword = (): boolean => true

export const settings = { repositoryShape, jobShape, needsPassword } satisfies ToolSettings
