import type { App } from '../context.ts'

/** Whether metrics are handed on to anybody, or were and have to be taken back. */
export async function isPushing(app: App): Promise<boolean> {
  const { pushgateway, textfile, otlp } = app.config.metrics
  const isConfigured = pushgateway !== undefined || textfile !== undefined || otlp !== undefined
  return isConfigured || (await app.ledger.pushes()).length > 0
}
