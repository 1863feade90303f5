package dev.tributary.vertx.internal.source;

import dev.tributary.internal.driver.Ends;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.TributaryException;
import dev.tributary.filter.EventFilter;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import dev.tributary.vertx.internal.net.Network;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a paged subscription does on any wire, over a backend that answers at once. */
@Timeout(20)
final class PagedSourceTest {
  private static Vertx vertx;

  private final ContextInternal on = ((VertxInternal) vertx).createEventLoopContext();
  private final ManualTime time = new ManualTime();
  private final Observed observed = new Observed();
  /** What the backend was asked, in order. */
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile Ends ends = new Ends(0, 0);
  private volatile int size = 1;
  private volatile @Nullable TributaryException fault;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static final class Observed implements SourceObserver<Message<byte[]>> {
    final List<Long> offsets = new CopyOnWriteArrayList<>();
    final List<Integer> bursts = new CopyOnWriteArrayList<>();
    final List<String> passed = new CopyOnWriteArrayList<>();
    final List<SubscriptionState> states = new CopyOnWriteArrayList<>();
    final CompletableFuture<@Nullable TributaryException> end = new CompletableFuture<>();

    @Override
    public void onItem(Message<byte[]> item) {
      offsets.add(item.offset());
    }

    @Override
    public void onBurst(Runnable items) {
      int before = offsets.size();
      items.run();
      bursts.add(offsets.size() - before);
    }

    @Override
    public void onPassed(int partition, long next) {
      passed.add(offsets.size() + " items, " + next);
    }

    @Override
    public void onState(SubscriptionState state) {
      states.add(state);
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      end.complete(error);
    }
  }

  /** One partition, of which messages are read as far as the ends say. */
  private static final int LOOKED_AT = 100;

  private LongPredicate wanted = offset -> true;

  private final class Backend extends PagedSource {
    Backend(OffsetReset reset, int prefetch) {
      this(reset, prefetch, null);
    }

    Backend(OffsetReset reset, int prefetch, @Nullable EventFilter filter) {
      super(
          on,
          Network.on(
              vertx,
              ClientConfig.builder("test")
                  .endpoint("127.0.0.1", 1)
                  .time(time)
                  .maxMessageBytes(1_000)
                  .retry(Retry.backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)))
                  .build(),
              1),
          new SubscribeSpec(new ResourceName("t", "n", "s"), null, Set.of(), StartAt.earliest(), reset, prefetch, filter),
          1_000,
          1_000,
          observed);
    }

    @Override
    protected void open(int session) {
      assigned(Set.of(0));
    }

    @Override
    protected CompletableFuture<Starts> starts(Collection<Cursor> fresh) {
      return CompletableFuture.completedFuture(new Starts(Map.of(0, 0L), Set.of()));
    }

    @Override
    protected CompletableFuture<Map<Integer, Long>> find(Map<Integer, StartAt> places, Deadline deadline) {
      return CompletableFuture.completedFuture(Map.of(0, ((StartAt.Offset) places.get(0)).offset()));
    }

    @Override
    protected CompletableFuture<Map<Integer, Ends>> ends(Set<Integer> partitions) {
      asked.add("ends");
      return CompletableFuture.completedFuture(Map.of(0, ends));
    }

    @Override
    protected CompletableFuture<Page> fetch(int partition, long offset, int max) {
      asked.add(offset + "+" + max);
      TributaryException failing = fault;
      if (failing != null) {
        return CompletableFuture.failedFuture(failing);
      }
      List<Message<byte[]>> messages = new ArrayList<>();
      long next = offset;
      for (long at = Math.max(offset, ends.earliest()); at < ends.next() && at < offset + LOOKED_AT && messages.size() < max; at++) {
        if (wanted.test(at)) {
          messages.add(new Message<>(new byte[size], null, Map.of(), 0, at, null, 0));
        }
        next = at + 1;
      }
      return CompletableFuture.completedFuture(new Page(messages, next, next == offset));
    }

    @Override
    protected void over() {}

    @Override
    public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
      throw new AssertionError("nothing is committed");
    }
  }

  private Backend open(OffsetReset reset, int prefetch) throws Exception {
    Backend source = new Backend(reset, prefetch);
    source.start();
    source.request(Long.MAX_VALUE);
    quiet();
    return source;
  }

  /** Until the loop has done what there was to do. */
  private void quiet() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Void> turn = new CompletableFuture<>();
      on.runOnContext(now -> turn.complete(null));
      turn.get(10, TimeUnit.SECONDS);
    }
  }

  private void pass(Duration duration) throws Exception {
    time.pass(duration);
    quiet();
  }

  private static OffsetOutOfRangeException refused() {
    return new OffsetOutOfRangeException(ErrorInfo.of("no such offset", "Begin elsewhere"));
  }

  @Test
  void pagesGrowWhileTheyAreSmallAndNoLonger() throws Exception {
    ends = new Ends(0, 100);
    size = 12;
    open(OffsetReset.FAIL, 1_000);
    assertThat(observed.offsets).hasSize(100).isSorted();
    assertThat(asked).as("as many as a page may have of such").startsWith("0+16", "16+80", "96+80");
    assertThat(observed.bursts).as("what waited is handed over together").contains(100);
    asked.clear();
    size = 100;
    ends = new Ends(0, 148);
    pass(Duration.ofSeconds(1));
    assertThat(asked).as("ten of them are what a page may have").startsWith("100+80", "148+10");
    assertThat(observed.offsets).hasSize(148);
    assertThat(observed.bursts).as("and so is a page").contains(48);
  }

  @Test
  void whereNothingComesThePausesGrow() throws Exception {
    ends = new Ends(0, 0);
    open(OffsetReset.FAIL, 10);
    for (int pause : new int[] {50, 100, 200, 400, 800, 1_000, 1_000}) {
      asked.clear();
      pass(Duration.ofMillis(pause - 1));
      assertThat(asked).as("within %s ms", pause).isEmpty();
      pass(Duration.ofMillis(1));
      assertThat(asked).containsExactly("0+10");
    }
  }

  @Test
  void aSessionThatFollowsAnotherLooksBeforeItReads() throws Exception {
    ends = new Ends(0, 3);
    open(OffsetReset.EARLIEST, 10);
    assertThat(observed.states).containsExactly(SubscriptionState.LIVE);
    fault = new ConnectionFailedException(ErrorInfo.of("broke", "again"));
    pass(Duration.ofSeconds(1));
    fault = null;
    ends = new Ends(0, 2);
    asked.clear();
    pass(Duration.ofSeconds(1));
    assertThat(asked).startsWith("ends", "0+10");
    assertThat(observed.offsets).containsExactly(0L, 1L, 2L, 0L, 1L);
    assertThat(observed.states).containsExactly(SubscriptionState.LIVE, SubscriptionState.RECONNECTING, SubscriptionState.LIVE);
  }

  @Test
  void whatTheServerRefusesIsLeftForWhatItHasOnceAndNotForEver() throws Exception {
    ends = new Ends(5, 10);
    fault = refused();
    open(OffsetReset.EARLIEST, 10);
    assertThat(asked).containsExactly("0+10", "ends", "5+10");
    assertThat(observed.end.get(10, TimeUnit.SECONDS)).isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void whatTheServerRefusesEndsItIfThatIsWanted() throws Exception {
    fault = refused();
    open(OffsetReset.FAIL, 10);
    assertThat(asked).containsExactly("0+10");
    assertThat(observed.end.get(10, TimeUnit.SECONDS)).isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void aPartitionThatLostItsDataWithoutAWordIsFoundOut() throws Exception {
    ends = new Ends(0, 9);
    open(OffsetReset.LATEST, 10);
    assertThat(observed.offsets).hasSize(9);
    ends = new Ends(0, 4);
    pass(Duration.ofSeconds(5));
    ends = new Ends(0, 5);
    pass(Duration.ofSeconds(5));
    assertThat(observed.offsets).hasSize(10).endsWith(4L);
  }

  private Backend filtered(OffsetReset reset, long demand) throws Exception {
    Backend source = new Backend(reset, 10, EventFilter.containing("wanted"));
    source.start();
    source.request(demand);
    quiet();
    return source;
  }

  @Test
  void whereNothingMatchesItGoesOnAtOnceAndSaysHowFarItCame() throws Exception {
    ends = new Ends(0, 250);
    wanted = offset -> offset == 120;
    filtered(OffsetReset.FAIL, Long.MAX_VALUE);
    assertThat(observed.offsets).containsExactly(120L);
    assertThat(observed.passed).startsWith("0 items, 100").endsWith("1 items, 250");
    asked.clear();
    pass(Duration.ofMillis(50));
    assertThat(asked).containsExactly("250+10");
    assertThat(observed.passed).endsWith("1 items, 250");
  }

  @Test
  void whatIsNotDeliveredIsNotPassed() throws Exception {
    ends = new Ends(0, 90);
    wanted = offset -> offset == 10 || offset == 20;
    Backend source = filtered(OffsetReset.FAIL, 1);
    assertThat(observed.offsets).containsExactly(10L);
    assertThat(observed.passed).isEmpty();
    source.request(1);
    quiet();
    assertThat(observed.passed).containsExactly("2 items, 90");
  }

  @Test
  void whatIsPassedIsNotReadAgainByTheNextSession() throws Exception {
    ends = new Ends(0, 90);
    wanted = offset -> false;
    filtered(OffsetReset.FAIL, 10);
    fault = new ConnectionFailedException(ErrorInfo.of("broke", "again"));
    pass(Duration.ofSeconds(1));
    fault = null;
    asked.clear();
    pass(Duration.ofSeconds(1));
    assertThat(asked).startsWith("ends", "90+10");
  }

  @Test
  void aPlaceThatIsLostIsFoundOutAlsoWhereNothingMatches() throws Exception {
    ends = new Ends(0, 90);
    wanted = offset -> false;
    filtered(OffsetReset.FAIL, 10);
    ends = new Ends(95, 190);
    pass(Duration.ofSeconds(1));
    assertThat(observed.end.get(10, TimeUnit.SECONDS)).isInstanceOf(OffsetOutOfRangeException.class);
    assertThat(observed.passed).containsExactly("0 items, 90");
  }

  @Test
  void whatIsReadBeforeASeekIsNotDeliveredAfterIt() throws Exception {
    ends = new Ends(0, 20);
    Backend source = new Backend(OffsetReset.FAIL, 10);
    source.start();
    source.request(2);
    quiet();
    source.seek(Map.of(0, StartAt.offset(15)), Deadline.after(time, Duration.ofSeconds(1))).get(10, TimeUnit.SECONDS);
    source.request(2);
    quiet();
    assertThat(observed.offsets).containsExactly(0L, 1L, 15L, 16L);
  }
}
