/** Settings that only restic has; the common ones are in the schema of jobs and repositories. */
import { z } from 'zod'
import { extraArgs } from '../extra-args.ts'
import type { ToolSettings } from '../settings.ts'
import { refusedArguments } from './extra-args.ts'

export { refusedArguments, separate } from './extra-args.ts'

const size = /^\d+[kKmMgGtT]?$/

const PackSize = z
  .int()
  .min(4)
  .max(128)
  .optional()
  .meta({ description: 'Target size of pack files in MiB; restic itself takes 16.', examples: [64] })

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
  extraArgs: extraArgs(refusedArguments)
    .optional()
    .meta({
      description:
        'Further arguments of `restic backup`. Refused: what redirects repository, password or output, or has a setting here.',
      examples: [['--exclude-larger-than=1G', '--ignore-inode']],
    }),
}

/** Every restic repository is encrypted. */
const needsPassword = (): boolean => true

const secretInUrl =
  'Take it out of the URL and give it under environment, such as RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD.'

export const settings = { repositoryShape, jobShape, needsPassword, secretInUrl } satisfies ToolSettings
