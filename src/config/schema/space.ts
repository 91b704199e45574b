import { z } from 'zod'
import { Duration, Share } from '../../model/units.ts'

/** How the room of a store is learned. */
const spaceWays = ['auto', 'local', 'sftp', 'df', 'rclone', 'off'] as const

/** What holds where nothing is said: a large disk may be nearly full for years, and nobody asked to be told of it. */
export const spaceDefaults = { every: 3_600_000, alarm: 0.95, by: 'auto' } as const

export const Space = z
  .strictObject({
    by: z
      .enum(spaceWays, { error: `Write one of: ${spaceWays.join(', ')}` })
      .prefault('auto')
      .meta({
        description:
          'How it is measured: `local` disk, `sftp` (statvfs), `df` over ssh, `rclone` about, `off`; `auto`: by the address.',
      }),
    every: Duration.prefault('1h').meta({ description: 'How often it is measured; after each backup it is as well.' }),
    alarm: Share.prefault('80%').meta({
      description:
        'The repository does not pass muster when more than this is used; without any `space`, more than 95%.',
    }),
    ssh: z
      .strictObject({
        port: z
          .int()
          .min(1)
          .max(65_535)
          .optional()
          .meta({
            description:
              'Port for `df`; default: that of the address, and 23 for hosts `*.your-storagebox.de` and `*.your-backup.de`.',
            examples: [23],
          }),
      })
      .prefault({})
      .meta({ description: 'Where `df` is asked.' }),
  })
  .optional()
  .meta({ description: 'Room in the store: free and total, and when it will be full.', examples: [{ alarm: '90%' }] })
export type SpaceSettings = NonNullable<z.output<typeof Space>>
