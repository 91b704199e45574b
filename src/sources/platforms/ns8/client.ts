/** Loaded when Redis is asked for the first time: a start without NethServer 8 does not pay for it. */
export { createClient } from '@redis/client'
