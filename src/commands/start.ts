import { Command } from 'commander'
export const define = (): Command => new Command('start')
