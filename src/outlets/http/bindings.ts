import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** What a request carries: Node's own request, absent where a test asks the app without a socket. */
export interface Env {
  Bindings: Partial<HttpBindings>
}
export type Ctx = Context<Env>
