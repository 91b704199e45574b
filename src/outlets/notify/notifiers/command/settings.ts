import { z } from 'zod'

const shape = {
  run: z
    .array(z.string().min(1))
    .min(1)
    .meta({
      description: 'Program and arguments; the message is its standard input. No shell.',
      examples: [['/usr/local/bin/tell-us']],
    }),
  format: z.enum(['text', 'json']).prefault('text').meta({ description: 'How the message is written to it.' }),
}

export const settings = { shape }
