/** The three kinds of finding. */
import type { Finding } from '../../model/finding.ts'

export const fine = (subject: string, message: string): Finding => ({ level: 'fine', subject, message, next: '' })
export const warning = (subject: string, message: string, next: string): Finding => ({
  level: 'warning',
  subject,
  message,
  next,
})
export const error = (subject: string, message: string, next: string, code?: string): Finding => ({
  level: 'error',
  subject,
  message,
  next,
  ...(code !== undefined && { code }),
})

/** With a code that has an entry in the reference: `coded(level, subject, 'area.what', message, next)`. */
export const coded = (
  level: 'warning' | 'error',
  subject: string,
  code: string,
  message: string,
  next: string,
): Finding => ({ level, subject, message, next, code })
