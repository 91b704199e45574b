/** Something a person has to put right; printed as one line, never with a stack trace. */
export class Trouble extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** One plain line on stderr, so that stdout belongs to the command. @param {string} line */
export const say = (line) => console.error(`muster: ${line}`)
