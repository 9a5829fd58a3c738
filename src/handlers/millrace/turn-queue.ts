// What is done once per event-loop turn, after all of the turn's input: packing what arrived into
// batches, and answering in one frame. One queue per io worker, so that a turn costs one callback.

export interface TurnTask {
  /** Must not throw. */
  endOfTurn(): void
}

export class TurnQueue {
  private tasks: TurnTask[] = []

  /** `defer` runs its callback after the input of this turn: setImmediate in production. */
  constructor(private readonly defer: (run: () => void) => void) {}

  /** A task that is added while the queue runs waits for the next turn. */
  add(task: TurnTask): void {
    this.tasks.push(task)
    if (this.tasks.length === 1) this.defer(this.run)
  }

  private readonly run = (): void => {
    const tasks = this.tasks
    this.tasks = []
    for (const task of tasks) task.endOfTurn()
  }
}
