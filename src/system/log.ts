/** The log of the daemon: one JSON object a line on standard error, or plain lines for a person. */

import { pino, stdSerializers } from 'pino'
import { oneLine } from './text.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Log {
  debug(facts: object, text: string): void
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

export function openLog(
  level: LogLevel,
  style: 'json' | 'plain',
  stream: { write(text: string): unknown } = process.stderr,
): Log {
  if (style === 'plain') return plainLog(level, stream)
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    stream,
  )
}

function plainLog(level: LogLevel, stream: { write(text: string): unknown }): Log {
  const least = logLevels.indexOf(level)
  const line = (at: (typeof logLevels)[number]) => (_facts: object, text: string) => {
    if (logLevels.indexOf(at) < least) return
    stream.write(`${new Date().toISOString().slice(11, 19)} ${at === 'info' ? '' : `${at}: `}${oneLine(text)}\n`)
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
