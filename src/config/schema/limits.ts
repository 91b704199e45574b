import { z } from 'zod'
import { Bytes } from '../../model/units.ts'

const rate = (description: string) => Bytes.optional().meta({ description, examples: ['10M'] })
/** What a program may use of the machine and the network. */
export const Limits = z
  .strictObject({
    cpus: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .meta({ description: 'Processors the tool may use at once.', examples: [1] }),
    nice: z
      .int()
      .min(-20)
      .max(19)
      .optional()
      .meta({ description: 'CPU priority; 19 is the most modest.', examples: [10] }),
    ionice: z
      .strictObject({
        class: z
          .enum(['idle', 'best-effort', 'realtime'])
          .meta({ description: 'I/O scheduling class.', examples: ['best-effort'] }),
        level: z
          .int()
          .min(0)
          .max(7)
          .optional()
          .meta({ description: 'Level inside the class; 7 is the most modest.', examples: [7] }),
      })
      .optional()
      .meta({ description: 'Disk priority, by `ionice`.' }),
    uploadRate: rate('Most bytes a second sent to the repository.'),
    downloadRate: rate('Most bytes a second fetched from the repository.'),
  })
  .prefault({})
export type Limits = z.output<typeof Limits>
