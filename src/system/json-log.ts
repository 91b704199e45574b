/** The log of the daemon: one JSON object a line on standard error. */
import { pino, stdSerializers } from 'pino'
import type { Log, LogLevel, LogStream } from './log.ts'

export function openJsonLog(level: LogLevel, stream: LogStream = process.stderr): Log {
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
