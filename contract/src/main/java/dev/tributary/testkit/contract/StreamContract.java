package dev.tributary.testkit.contract;

import org.junit.jupiter.api.Nested;

/** What streams do: the suites of all topics, nested, so that one class runs them. */
public abstract class StreamContract {
  /** For suites. */
  protected StreamContract() {}

  /** Opens the backend under test; called before each test, which closes it. */
  protected abstract Backend open();

  @Nested
  class Publishing extends PublishContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Delaying extends DelayedContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Batching extends BatchContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class PublishingFrom extends PublishFromContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Undecodable extends UndecodableContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class DeadLetters extends StreamDeadLetterContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class DeadLetterAdding extends DeadLetterAddingContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Room extends RoomContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class OutOfRange extends OutOfRangeContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class ClosingConsumers extends ConsumerCloseContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Reading extends ReadContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Filtering extends FilterContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Committing extends CommitContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Subscribing extends SubscribeContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Consuming extends ConsumerContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class ConsumingMany extends ManyStreamsContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Balancing extends GroupContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Rebalancing extends RebalanceContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }

  @Nested
  class Replaying extends ReplayContract {
    @Override
    protected Backend open() {
      return StreamContract.this.open();
    }
  }
}
