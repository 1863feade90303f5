package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.engine.MemoryEngine;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.PassingTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two servers of one engine, as two nodes of a cluster that share what they store. */
@Timeout(120)
class FailoverTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final int UNAVAILABLE = 14;

  private final VirtualTime time = new VirtualTime();
  private final PassingTime passing = new PassingTime(time);
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer first = EmbeddedServer.disheap().transport(engine.connect()).time(time).start();
  private final EmbeddedServer second = EmbeddedServer.disheap().transport(engine.connect()).time(time).start();
  private final FaultProxy toFirst = FaultProxy.before(first.host(), first.port());
  private final FaultProxy toSecond = FaultProxy.before(second.host(), second.port());
  private final Tributary client = Tributary.connect(config(Retry.DEFAULT));
  private final JobQueue<String> queue = client.queue("q", Codecs.text());

  private ClientConfig config(Retry retry) {
    return ClientConfig.builder("disheap")
        .endpoint(toFirst.host(), toFirst.port())
        .endpoint(toSecond.host(), toSecond.port())
        .retry(retry.withBackoff(Duration.ofMillis(5), Duration.ofMillis(50)))
        .timeout(NEVER)
        .connectTimeout(Duration.ofSeconds(10))
        .idleProbe(NEVER)
        .time(time)
        .build();
  }

  @AfterEach
  void close() throws Exception {
    passing.of(client.closeAsync());
    toFirst.close();
    toSecond.close();
    first.close();
    second.close();
    engine.close();
  }

  /** What becomes of the node that is in use. */
  private enum Break {
    DIES {
      @Override
      void happenTo(FailoverTest test) {
        test.toFirst.refuse();
      }
    },
    RESETS {
      @Override
      void happenTo(FailoverTest test) {
        test.toFirst.reset();
      }
    },
    STOPS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.stop();
      }
    },
    RESTARTS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.stop();
        test.first.start();
      }
    },
    GOES_AWAY {
      @Override
      void happenTo(FailoverTest test) {
        test.first.faults().goAway();
      }
    },
    GOES_AWAY_AND_STOPS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.faults().goAway();
        test.first.stop();
      }
    },
    CUTS_STREAMS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.faults().cut(UNAVAILABLE, "on purpose");
      }
    };

    abstract void happenTo(FailoverTest test);
  }

  private void create() throws Exception {
    passing.of(client.admin().createQueue("q", QueueConfig.DEFAULT));
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "j-" + i).toList();
  }

  private List<String> enqueue(int count) throws Exception {
    List<String> values = numbered(count);
    passing.of(queue.enqueueAll(values.stream().map(NewJob::of).toList()));
    return values;
  }

  @Test
  void oneThatIsDownAtTheStartCostsNothingButTime() throws Exception {
    toFirst.refuse();
    create();
    enqueue(1);
    assertThat(passing.of(queue.reserve()).orElseThrow().value()).isEqualTo("j-0");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsEnqueuedMeanwhileIsStoredOnceAndConfirmed(Break what) throws Exception {
    create();
    List<CompletableFuture<EnqueueResult>> enqueued = new ArrayList<>();
    for (String value : numbered(1_000)) {
      enqueued.add(queue.enqueue(value));
      if (enqueued.size() == 300) {
        passing.of(enqueued.get(0));
      } else if (enqueued.size() == 600) {
        what.happenTo(this);
      }
    }
    List<String> ids = new ArrayList<>();
    for (CompletableFuture<EnqueueResult> one : enqueued) {
      ids.add(passing.of(one).id());
    }
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(passing.of(queue.stats()).pending()).isEqualTo(1_000);
    assertThat(passing.of(queue.peek(100))).extracting(PeekedJob::value).doesNotHaveDuplicates();
  }

  @Test
  void ifAllAreDownTheErrorSaysWhereItTried() throws Exception {
    toFirst.refuse();
    toSecond.refuse();
    try (Tributary impatient = Tributary.connect(config(Retry.DEFAULT.withMaxAttempts(4)))) {
      CompletableFuture<EnqueueResult> call = impatient.queue("q").enqueue(new byte[1]);
      passing.until("the last try", call::isDone);
      TributaryException error = failure(call);
      assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("127.0.0.1:");
      assertThat(error.maybeApplied()).isFalse();
    }
  }

  @Test
  void oneThatFailedIsUsedAgainWhenItIsBack() throws Exception {
    create();
    enqueue(1);
    assertThat(toSecond.connections()).isZero();
    toFirst.refuse();
    enqueue(1);
    assertThat(toSecond.connections()).isPositive();
    long before = toFirst.connections();
    toFirst.heal();
    toSecond.refuse();
    enqueue(1);
    assertThat(toFirst.connections()).isGreaterThan(before);
    assertThat(passing.of(queue.stats()).pending()).isEqualTo(3);
  }
}
