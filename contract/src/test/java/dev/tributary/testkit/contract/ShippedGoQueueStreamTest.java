package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.server.Quirk;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Streams of GoQueue's public server: all that the contract says but what its faults make impossible, which is said here. */
final class ShippedGoQueueStreamTest {
  private static Backend shipped() {
    return WireBackend.withFaults("goqueue", Quirk.SHIPPED_GOQUEUE);
  }

  @Nested
  class Delaying extends DelayedContract {
    @Override
    protected Backend open() {
      return shipped();
    }

    /** There a cancelled event is delivered at once. */
    @Override
    @Test
    void aCancelledEventNeverComes() {
      EventStream<String> stream = stream();
      Position waiting = get(stream.publish(delayed("late", 3)));
      failure(UnsupportedFeatureException.class, stream.delayed().cancel(waiting));
      assertThat(get(stream.delayed().list(10))).hasSize(1);
    }

    /** There it appears where it was, so the commit stays before it: what follows comes again. */
    @Override
    @Test
    void aGroupThatCommittedPastItGetsItWhenItIsDue() {
      EventStream<String> stream = stream();
      get(stream.publish(delayed("late", 3)));
      Position now = get(stream.publish("now"));
      get(stream.commit("g", new Position(0, now.offset() + 1)));
      pass(Duration.ofSeconds(5));
      Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.committed())));
      await("what was delayed", () -> probe.count() == 2);
      assertThat(values(probe.items())).containsExactly("late", "now");
    }

    /** There a restart makes everything readable. */
    @Override
    @Test
    void delaysSurviveARestart() {
      EventStream<String> stream = stream();
      get(stream.publish(delayed("late", 600)));
      backend().restart();
      List<Message<String>> read = await(stream.read(0, 0, 10));
      assertThat(values(read)).containsExactly("late");
      assertThat(await(stream.delayed().list(10))).isEmpty();
    }

    private Event<String> delayed(String value, int seconds) {
      return Event.builder(value).delay(Duration.ofSeconds(seconds)).build();
    }
  }

  @Nested
  class Publishing extends PublishContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Batching extends BatchContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Reading extends ReadContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Committing extends CommitContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Subscribing extends SubscribeContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Consuming extends ConsumerContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Balancing extends GroupContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }

  @Nested
  class Rebalancing extends RebalanceContract {
    @Override
    protected Backend open() {
      return shipped();
    }
  }
}
