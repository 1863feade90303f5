package dev.tributary.testkit.contract;

import org.junit.jupiter.api.Nested;

/** What queues do: the suites of all topics, nested, so that one class runs them. */
public abstract class QueueContract {
  /** For suites. */
  protected QueueContract() {}

  /** Opens the backend under test; called before each test, which closes it. */
  protected abstract Backend open();

  @Nested
  class Enqueueing extends EnqueueContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Prioritizing extends PriorityContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Partitioning extends PartitionContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Numbering extends IdempotencyContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Receiving extends ReceiveContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Settling extends SettleContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class SettlingLate extends LateContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Timekeeping extends ClockContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Releasing extends ReleaseContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class DeadLettering extends DeadLetterContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Inspecting extends InspectContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Streaming extends JobStreamContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }

  @Nested
  class Working extends WorkerContract {
    @Override
    protected Backend open() {
      return QueueContract.this.open();
    }
  }
}
