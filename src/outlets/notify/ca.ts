import { z } from 'zod'

/** A setting of every notifier that speaks HTTP to a server of the user. */
export const ca = z
  .string()
  .min(1)
  .optional()
  .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] })
