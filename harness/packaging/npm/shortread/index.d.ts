/** A value of a parameter, as scenario files spell it. */
export type Value = string | number | boolean

/** A fault with settings of its own: `{ fault: 'reset@5KiB', settle: '0' }`. */
export type Fault = { fault: string } & Record<string, Value>

/** A scenario of the catalogue by its name, or the parameters of one. */
export type What = string | ({ size?: Value; fault?: Value | Fault | (Value | Fault)[] } & Record<string, unknown>)

/** An event of the journal. */
export interface Event {
  event: string
  /** Nanoseconds of CLOCK_MONOTONIC. */
  at_ns: number
  utc: string
  connection: number
  key?: string
  [field: string]: unknown
}

export interface Server {
  /** Its URL, without a slash at its end. */
  readonly base: string
  /** That of its control interface. */
  readonly control: string
  /** The URL of a download that breaks; a key gives a test counters of its own. */
  url(what: What, options?: { key?: string }): string
  /** The bytes that a client should have. */
  expected(what: What): Promise<Uint8Array>
  /** What the server sent and did for the test `key`, once that is final; rejects after `timeout` milliseconds. */
  journal(key: string, options?: { timeout?: number }): Promise<Event[]>
  /** Whether a file is the object; with a key, also what the server did. */
  verify(file: string, what: string | { size: Value }, options?: { key?: string }): Promise<{ whole: boolean; finding: string }>
  /** Ends the server. Nothing of it is left afterwards. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts `shortread serve` with further arguments; it ends with this process at the latest. */
export function start(options?: { binary?: string; args?: string[] }): Promise<Server>
