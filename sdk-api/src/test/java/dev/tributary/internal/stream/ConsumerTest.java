package dev.tributary.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.Capability;
import dev.tributary.SubscriptionState;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.Client;
import dev.tributary.internal.CountingSource;
import dev.tributary.internal.ManualTime;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.internal.ScriptedTransport.Call;
import dev.tributary.internal.ScriptedTransport.FakeSource;
import dev.tributary.observe.Observation;
import dev.tributary.spi.Steps;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConsumerTest {
  /** What is processed is committed so long after nothing is under way any more. */
  private static final Duration AT_REST = Duration.ofMillis(200);

  private static final Duration NOW = Duration.ZERO;
  private static final Duration LONG = Duration.ofMinutes(10);

  private final ScriptedTransport transport = new ScriptedTransport();
  private final ManualTime time = new ManualTime();
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private final Client client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).callbackExecutor(callbacks::add).prefetch(8).timeout(Duration.ofSeconds(1)).build());

  private void runCallbacks() {
    for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
      next.run();
    }
  }

  private void advance(Duration by) {
    time.advance(by);
    runCallbacks();
  }

  /** In group g, with auto-commit each 5 s, reading partitions 0 and 1. */
  private EventConsumer<byte[]> consumer() {
    return consumer(ConsumerOptions.group("g"));
  }

  private EventConsumer<byte[]> consumer(ConsumerOptions options) {
    EventConsumer<byte[]> consumer = client.stream("s").consumer(options);
    transport.source().assign(0, 1);
    return consumer;
  }

  private List<String> poll(EventConsumer<byte[]> consumer, int max) {
    CompletableFuture<List<Message<byte[]>>> polled = consumer.poll(max, NOW);
    runCallbacks();
    return names(polled.join());
  }

  private static List<String> names(List<Message<byte[]>> messages) {
    return messages.stream().map(message -> new String(message.value(), StandardCharsets.UTF_8)).toList();
  }

  private Throwable failureOf(CompletableFuture<?> call) {
    runCallbacks();
    assertThat(call).isCompletedExceptionally();
    return Steps.unwrap(catchThrowable(call::join));
  }

  private List<Object> commits() {
    return transport.calls.stream().filter(call -> call.operation().equals("source commit")).<Object>map(Call::about).toList();
  }

  // Polling.

  @Test
  void aPollWaitsForTheFirstMessageAndNoLongerThanItSays() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<List<Message<byte[]>>> first = consumer.poll(10, Duration.ofSeconds(2));
    transport.source().deliver(0, 4);
    assertThat(first).isNotDone();
    runCallbacks();
    assertThat(names(first.join())).containsExactly("0:4");

    CompletableFuture<List<Message<byte[]>>> second = consumer.poll(10, Duration.ofSeconds(2));
    advance(Duration.ofMillis(1999));
    assertThat(second).isNotDone();
    advance(Duration.ofMillis(1));
    assertThat(second.join()).isEmpty();
    assertThat(poll(consumer, 1)).isEmpty();
  }

  @Test
  void aPollTakesNoMoreThanItAskedForAndServesPartitionsByTurns() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    source.deliverUpTo(0, 0, 4);
    source.deliverUpTo(1, 0, 4);
    List<String> first = poll(consumer, 3);
    List<String> second = poll(consumer, 3);
    assertThat(first).hasSize(3);
    assertThat(second).hasSize(3);
    assertThat(first.get(0).charAt(0)).isNotEqualTo(second.get(0).charAt(0));
    assertThat(poll(consumer, 10)).hasSize(2);
  }

  @Test
  void onePollAtATime() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<List<Message<byte[]>>> first = consumer.poll(1, LONG);
    assertThat(failureOf(consumer.poll(1, NOW))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.forEach(m -> CompletableFuture.completedFuture(null)))).isInstanceOf(InvalidRequestException.class);
    first.cancel(true);
    assertThat(poll(consumer, 1)).isEmpty();
  }

  @Test
  void aCancelledPollTakesNothing() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<List<Message<byte[]>>> cancelled = consumer.poll(1, LONG);
    transport.source().deliver(0, 0);
    assertThat(cancelled.cancel(true)).isTrue();
    runCallbacks();
    assertThat(consumer.position(0)).hasValue(0);
    assertThat(poll(consumer, 1)).containsExactly("0:0");
    assertThat(consumer.position(0)).hasValue(1);
  }

  @Test
  void demandAtTheSourceNeverExceedsThePrefetch() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    assertThat(source.requests).containsExactly(8L);
    long next = 0;
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      next += source.deliverUpTo(0, next, 100);
      taken += poll(consumer, 3).size();
      assertThat(next - taken + source.demand).isLessThanOrEqualTo(8);
    }
    assertThat(taken).isEqualTo(300);
    assertThat(source.requests.size()).isLessThan(100);
  }

  @Test
  void whatCannotBeDecodedIsNamedAndNotSkipped() {
    EventConsumer<String> consumer =
        client
            .stream(
                "s",
                Codecs.<String>of(
                    value -> new byte[0],
                    bytes -> {
                      String text = new String(bytes, StandardCharsets.UTF_8);
                      if (text.equals("0:1")) {
                        throw new IllegalStateException("bad");
                      }
                      return text;
                    }))
            .consumer("g");
    transport.source().assign(0);
    transport.source().deliverUpTo(0, 0, 3);
    CompletableFuture<List<Message<String>>> first = consumer.poll(10, NOW);
    runCallbacks();
    assertThat(first.join()).hasSize(1);
    assertThat(failureOf(consumer.poll(10, NOW))).isInstanceOf(UndecodableException.class).hasMessageContaining("offset=1");
    assertThat(failureOf(consumer.poll(10, NOW))).isInstanceOf(UndecodableException.class);
    assertThat(consumer.position(0)).hasValue(1);
  }

  // Committing.

  @Test
  void whatOnePollHandedOutIsCommittedAfterTheNext() {
    EventConsumer<byte[]> consumer = consumer();
    transport.source().deliver(0, 4);
    transport.source().deliver(1, 9);
    poll(consumer, 10);
    advance(Duration.ofSeconds(5));
    assertThat(commits()).isEmpty();
    poll(consumer, 10);
    advance(AT_REST);
    assertThat(commits()).containsExactly(Map.of(0, 5L, 1, 10L));
    transport.lastCall().succeed(null);
    runCallbacks();
    advance(Duration.ofSeconds(5));
    assertThat(commits()).hasSize(1);
  }

  @Test
  void commitCountsEverythingHandedOutAndExactCommitsMayGoBackwards() {
    EventConsumer<byte[]> consumer = consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    transport.source().deliverUpTo(0, 0, 3);
    poll(consumer, 10);
    CompletableFuture<Void> committed = consumer.commit();
    assertThat(commits()).containsExactly(Map.of(0, 3L));
    transport.lastCall().succeed(null);
    runCallbacks();
    assertThat(committed).isCompleted();
    CompletableFuture<Void> nothingMore = consumer.commit();
    assertThat(nothingMore).isCompleted();
    consumer.commit(Map.of(0, 1L));
    assertThat(commits()).containsExactly(Map.of(0, 3L), Map.of(0, 1L));
    transport.lastCall().succeed(null);
    advance(Duration.ofHours(1));
    assertThat(commits()).hasSize(2);
  }

  @Test
  void aRepeatedCommitCarriesTheNewestWatermark() {
    EventConsumer<byte[]> consumer = consumer();
    transport.source().deliverUpTo(0, 0, 4);
    poll(consumer, 2);
    CompletableFuture<Void> committed = consumer.commit();
    poll(consumer, 2);
    consumer.poll(1, LONG);
    transport.lastCall().fail(new ConnectionFailedException(ErrorInfo.of("cut", "").maybeApplied(true)));
    advance(Duration.ofMillis(100));
    assertThat(commits()).containsExactly(Map.of(0, 2L), Map.of(0, 4L));
    transport.lastCall().succeed(null);
    runCallbacks();
    assertThat(committed).isCompleted();
  }

  @Test
  void aCommitWaitsForTheOneBeforeWhichCouldArriveLast() {
    EventConsumer<byte[]> consumer = consumer(ConsumerOptions.builder().group("g").manualCommit().build());
    transport.source().deliverUpTo(0, 0, 4);
    poll(consumer, 2);
    CompletableFuture<Void> first = consumer.commit();
    poll(consumer, 2);
    CompletableFuture<Void> cancelled = consumer.commit();
    CompletableFuture<Void> second = consumer.commit();
    assertThat(commits()).containsExactly(Map.of(0, 2L));
    cancelled.cancel(false);
    assertThat(commits()).hasSize(1);
    transport.lastCall().succeed(null);
    runCallbacks();
    assertThat(first).isCompleted();
    assertThat(commits()).containsExactly(Map.of(0, 2L), Map.of(0, 4L));
    transport.lastCall().succeed(null);
    runCallbacks();
    assertThat(second).isCompleted();
  }

  @Test
  void anAutoCommitThatFailsIsTriedAgainAtTheNextInterval() {
    EventConsumer<byte[]> consumer = consumer();
    transport.source().deliver(0, 0);
    poll(consumer, 1);
    poll(consumer, 1);
    advance(AT_REST);
    transport.lastCall().fail(new ConflictException(ErrorInfo.of("lost it", "")));
    runCallbacks();
    assertThat(commits()).hasSize(1);
    advance(Duration.ofSeconds(5));
    assertThat(commits()).containsExactly(Map.of(0, 1L), Map.of(0, 1L));
  }

  @Test
  void aRevokedPartitionIsNotCommitted() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    source.deliver(0, 0);
    source.deliver(1, 0);
    poll(consumer, 10);
    source.deliver(0, 1);
    source.revoke(0);
    assertThat(consumer.assignment()).containsExactly(1);
    assertThat(consumer.position(0)).isEmpty();
    assertThat(poll(consumer, 10)).isEmpty();
    advance(AT_REST);
    assertThat(commits()).containsExactly(Map.of(1, 1L));
    assertThat(source.demand + 0).isBetween(4L, 8L);
  }

  @Test
  void withoutAGroupNothingIsCommitted() {
    EventConsumer<byte[]> consumer = consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    transport.source().deliver(0, 0);
    poll(consumer, 1);
    assertThat(failureOf(consumer.commit())).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.commit(Map.of(0, 1L)))).isInstanceOf(InvalidRequestException.class);
    consumer.closeAsync();
    runCallbacks();
    assertThat(commits()).isEmpty();
  }

  // Handling.

  private static final class Handler {
    final Map<String, CompletableFuture<Void>> running = new HashMap<>();
    final List<String> begun = new ArrayList<>();

    CompletableFuture<Void> handle(Message<byte[]> message) {
      String name = new String(message.value(), StandardCharsets.UTF_8);
      begun.add(name);
      CompletableFuture<Void> stage = new CompletableFuture<>();
      running.put(name, stage);
      return stage;
    }
  }

  @Test
  void handlersRunInOrderPerPartitionAndPartitionsSideBySide() {
    EventConsumer<byte[]> consumer = consumer();
    Handler handler = new Handler();
    CompletableFuture<Void> run = consumer.forEach(handler::handle);
    transport.source().deliverUpTo(0, 0, 2);
    transport.source().deliverUpTo(1, 7, 2);
    assertThat(handler.begun).isEmpty();
    runCallbacks();
    assertThat(handler.begun).containsExactly("0:0", "1:7");
    handler.running.get("1:7").complete(null);
    runCallbacks();
    assertThat(handler.begun).containsExactly("0:0", "1:7", "1:8");
    advance(Duration.ofSeconds(5));
    assertThat(commits()).containsExactly(Map.of(1, 8L));
    assertThat(failureOf(consumer.poll(1, NOW))).isInstanceOf(InvalidRequestException.class);
    assertThat(run).isNotDone();
  }

  @Test
  void offsetsWithGapsAreNoGapsInTheWatermark() {
    EventConsumer<byte[]> consumer = consumer();
    consumer.forEach(message -> CompletableFuture.completedFuture(null));
    transport.source().deliver(0, 3);
    transport.source().deliver(0, 70);
    runCallbacks();
    CompletableFuture<Void> committed = consumer.commit();
    assertThat(commits()).containsExactly(Map.of(0, 71L));
    assertThat(committed).isNotDone();
  }

  @Test
  void aHandlerThatFailsStopsEverythingAndItsMessageStaysUncommitted() {
    EventConsumer<byte[]> consumer = consumer();
    Handler handler = new Handler();
    CompletableFuture<Void> run = consumer.forEach(handler::handle);
    transport.source().deliverUpTo(0, 0, 3);
    transport.source().deliverUpTo(1, 0, 2);
    runCallbacks();
    handler.running.get("0:0").complete(null);
    runCallbacks();
    IllegalStateException why = new IllegalStateException("cannot");
    handler.running.get("0:1").completeExceptionally(why);
    runCallbacks();
    assertThat(failureOf(run)).isSameAs(why);
    handler.running.get("1:0").complete(null);
    runCallbacks();
    assertThat(handler.begun).containsExactly("0:0", "1:0", "0:1");
    advance(AT_REST);
    assertThat(commits()).containsExactly(Map.of(0, 1L, 1, 1L));

    Handler again = new Handler();
    consumer.forEach(again::handle);
    runCallbacks();
    assertThat(again.begun).containsExactlyInAnyOrder("0:1", "1:1");
  }

  @Test
  void aHandlerThatThrowsOrReturnsNothingFails() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<Void> run =
        consumer.forEach(
            message -> {
              throw new IllegalStateException("thrown");
            });
    transport.source().deliver(0, 0);
    assertThat(failureOf(run)).hasMessage("thrown");
    assertThat(failureOf(consumer.forEach(message -> null))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.forEach(null))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void handlingIsWatchedAndLinkedToItsMessage() {
    List<String> seen = new ArrayList<>();
    Client watched =
        new Client(
            transport,
            ClientConfig.builder("scripted")
                .time(time)
                .callbackExecutor(callbacks::add)
                .instrumentation(
                    operation -> {
                      seen.add(operation.kind() + " " + operation.group() + " " + operation.partition().getAsInt() + " " + operation.linked().size());
                      return new Observation() {
                        @Override
                        public Scope makeCurrent() {
                          seen.add("open");
                          return () -> seen.add("close");
                        }

                        @Override
                        public void end(Throwable error) {
                          seen.add("end " + error);
                        }
                      };
                    })
                .build());
    EventConsumer<byte[]> consumer = watched.stream("s").consumer("g");
    transport.source().assign(0, 1);
    consumer.forEach(
        message -> {
          seen.add("handle");
          return CompletableFuture.completedFuture(null);
        });
    transport.source().deliver(1, 0);
    runCallbacks();
    assertThat(seen).containsExactly("PROCESS g 1 1", "open", "handle", "close", "end null");
  }

  @Test
  void aHandlerOfARevokedPartitionNoLongerCounts() {
    EventConsumer<byte[]> consumer = consumer();
    Handler handler = new Handler();
    consumer.forEach(handler::handle);
    FakeSource source = transport.source();
    source.deliver(0, 0);
    runCallbacks();
    source.revoke(0);
    source.assign(0);
    handler.running.get("0:0").complete(null);
    runCallbacks();
    advance(Duration.ofSeconds(5));
    assertThat(commits()).isEmpty();
  }

  @Test
  void manyMessagesAreHandledInOrderOverThreads() throws Exception {
    ExecutorService wire = Executors.newSingleThreadExecutor();
    int many = 50_000;
    transport.onSubscribe =
        (spec, observer) -> new CountingSource<>(observer, offset -> ScriptedTransport.message(0, offset), Long.MAX_VALUE, wire);
    Client threaded = new Client(transport, ClientConfig.builder("scripted").build());
    EventConsumer<byte[]> consumer = threaded.stream("s").consumer(ConsumerOptions.builder().start(StartAt.earliest()).build());
    List<Long> handled = new ArrayList<>(many);
    CountDownLatch done = new CountDownLatch(many);
    consumer.forEach(
        message -> {
          handled.add(message.offset());
          done.countDown();
          return message.offset() % 3 == 0 ? CompletableFuture.runAsync(() -> {}, wire) : CompletableFuture.completedFuture(null);
        });
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    threaded.close();
    assertThat(handled.subList(0, many)).isSorted().doesNotHaveDuplicates();
    wire.shutdown();
  }

  // Seeking.

  @Test
  void aSeekDropsWhatIsStaleAndContinuesAtItsPlace() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    source.deliverUpTo(0, 50, 3);
    source.deliver(1, 1);
    CompletableFuture<Void> sought = consumer.seek(new Position(0, 10));
    assertThat(transport.lastCall().about()).isEqualTo(Map.of(0, StartAt.offset(10)));
    source.deliver(0, 53);
    assertThat(poll(consumer, 10)).containsExactly("1:1");
    transport.lastCall().succeed(Map.of(0, 10L));
    assertThat(consumer.position(0)).hasValue(10);
    source.deliver(0, 10);
    runCallbacks();
    assertThat(sought).isCompleted();
    assertThat(poll(consumer, 10)).containsExactly("0:10");
    assertThat(source.demand).isBetween(4L, 8L);
  }

  @Test
  void whatWasProcessedBeforeASeekIsNotCommittedAfterIt() {
    EventConsumer<byte[]> consumer = consumer();
    Handler handler = new Handler();
    consumer.forEach(handler::handle);
    transport.source().deliver(0, 50);
    runCallbacks();
    consumer.seek(new Position(0, 10));
    transport.lastCall().succeed(Map.of(0, 10L));
    handler.running.get("0:50").complete(null);
    runCallbacks();
    advance(Duration.ofSeconds(5));
    assertThat(commits()).isEmpty();
    transport.source().deliver(0, 10);
    runCallbacks();
    handler.running.get("0:10").complete(null);
    runCallbacks();
    advance(AT_REST);
    assertThat(commits()).containsExactly(Map.of(0, 11L));
  }

  @Test
  void aSeekThatFailsLosesNothing() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    source.deliver(0, 50);
    CompletableFuture<Void> sought = consumer.seek(new Position(0, 10));
    source.deliver(0, 51);
    transport.lastCall().fail(InvalidRequestException.of("no", ""));
    assertThat(failureOf(sought)).isInstanceOf(InvalidRequestException.class);
    assertThat(poll(consumer, 10)).containsExactly("0:50", "0:51");

    source.deliver(0, 52);
    CompletableFuture<Void> silent = consumer.seek(new Position(0, 10));
    assertThat(poll(consumer, 10)).isEmpty();
    advance(Duration.ofSeconds(1));
    assertThat(failureOf(silent)).isInstanceOf(DeadlineExceededException.class);
    assertThat(poll(consumer, 10)).containsExactly("0:52");
  }

  @Test
  void aSeekThatWasMadeBeforeAnybodyCouldListenIsMadeOnceMore() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    List<Long> seeks = new ArrayList<>();
    transport.onSeek =
        places -> {
          seeks.add(source.demand);
          if (seeks.size() == 1) {
            // On which side of the seek is this one?
            source.deliver(0, 10);
          }
          return CompletableFuture.completedFuture(Map.of(0, 10L));
        };
    CompletableFuture<Void> sought = consumer.seek(new Position(0, 10));
    runCallbacks();
    assertThat(sought).isCompleted();
    assertThat(seeks).hasSize(2);
    source.deliver(0, 10);
    assertThat(poll(consumer, 10)).containsExactly("0:10");
  }

  @Test
  void seekingAllWaitsForTheFirstAssignment() {
    EventConsumer<byte[]> consumer = client.stream("s").consumer("g");
    CompletableFuture<Void> sought = consumer.seekToBeginning();
    runCallbacks();
    assertThat(transport.calls).isEmpty();
    transport.source().assign(0, 1);
    runCallbacks();
    assertThat(transport.lastCall().about()).isEqualTo(Map.of(0, StartAt.earliest(), 1, StartAt.earliest()));
    transport.lastCall().succeed(Map.of(0, 0L, 1, 0L));
    runCallbacks();
    assertThat(sought).isCompleted();
    consumer.seekToEnd();
    assertThat(transport.lastCall().about()).isEqualTo(Map.of(0, StartAt.latest(), 1, StartAt.latest()));
    consumer.seekToTimestamp(Instant.EPOCH);
    assertThat(transport.lastCall().about()).isEqualTo(Map.of(0, StartAt.time(Instant.EPOCH), 1, StartAt.time(Instant.EPOCH)));
  }

  @Test
  void whatCannotBeSoughtIsRefused() {
    EventConsumer<byte[]> consumer = consumer();
    assertThat(failureOf(consumer.seek(new Position(-1, 0)))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.seek(new Position(0, -1)))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.seek(new Position(7, 0)))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.seek(null))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.poll(0, NOW))).isInstanceOf(InvalidRequestException.class);
    assertThat(failureOf(consumer.poll(1, Duration.ofSeconds(-1)))).isInstanceOf(InvalidRequestException.class);
    transport.capabilities = EnumSet.of(Capability.STREAMS);
    assertThat(failureOf(consumer.seekToTimestamp(Instant.EPOCH))).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(transport.calls).isEmpty();
  }

  // Pausing.

  @Test
  void aPausedPartitionWaitsAndDoesNotHoldUpOthers() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    source.deliverUpTo(0, 0, 8);
    assertThat(source.demand).isZero();
    consumer.pause(Set.of(0));
    assertThat(transport.lastCall().about()).isEqualTo(Set.of(0));
    assertThat(source.demand).isEqualTo(8);
    source.deliver(1, 0);
    assertThat(poll(consumer, 100)).containsExactly("1:0");
    consumer.resume(Set.of(0));
    assertThat(poll(consumer, 100)).hasSize(8);
    assertThat(source.demand).isLessThanOrEqualTo(8);
  }

  @Test
  void whatComesLateFromAPausedPartitionLeavesTheDemandToOthers() {
    EventConsumer<byte[]> consumer = consumer();
    FakeSource source = transport.source();
    consumer.pause(Set.of(0));
    for (int i = 0; i < 8; i++) {
      source.deliver(0, i);
    }
    assertThat(source.demand).isPositive();
    source.deliver(1, 0);
    assertThat(poll(consumer, 10)).containsExactly("1:0");
  }

  @Test
  void aPausedPartitionIsNotHandled() {
    EventConsumer<byte[]> consumer = consumer();
    Handler handler = new Handler();
    consumer.forEach(handler::handle);
    consumer.pause(Set.of(0));
    transport.source().deliver(0, 0);
    runCallbacks();
    assertThat(handler.begun).isEmpty();
    consumer.resume(Set.of(0));
    runCallbacks();
    assertThat(handler.begun).containsExactly("0:0");
  }

  // Ending.

  @Test
  void closeWaitsForHandlersCommitsAndLeaves() {
    EventConsumer<byte[]> consumer = consumer();
    Handler handler = new Handler();
    CompletableFuture<Void> run = consumer.forEach(handler::handle);
    transport.source().deliverUpTo(0, 0, 2);
    runCallbacks();
    CompletableFuture<Void> closed = consumer.closeAsync();
    runCallbacks();
    assertThat(commits()).isEmpty();
    handler.running.get("0:0").complete(null);
    runCallbacks();
    assertThat(handler.begun).containsExactly("0:0");
    assertThat(commits()).containsExactly(Map.of(0, 1L));
    assertThat(transport.source().isClosing()).isFalse();
    transport.lastCall().succeed(null);
    runCallbacks();
    assertThat(transport.source().isClosing()).isTrue();
    assertThat(closed).isCompleted();
    assertThat(run).isCompleted();
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
    assertThat(failureOf(consumer.poll(1, NOW))).isInstanceOf(ClientClosedException.class);
    assertThat(failureOf(consumer.commit())).isInstanceOf(ClientClosedException.class);
    CompletableFuture<Void> again = consumer.closeAsync();
    runCallbacks();
    assertThat(again).isCompleted();
    assertThat(time.waiting()).isLessThanOrEqualTo(2);
  }

  @Test
  void aCommitThatFailsOnCloseIsTheCloseFailure() {
    EventConsumer<byte[]> consumer = consumer();
    transport.source().deliver(0, 0);
    poll(consumer, 1);
    poll(consumer, 1);
    CompletableFuture<Void> closed = consumer.closeAsync();
    transport.lastCall().fail(new PermissionDeniedException(ErrorInfo.of("not you", "")));
    assertThat(failureOf(closed)).isInstanceOf(PermissionDeniedException.class);
    assertThat(transport.source().isClosing()).isTrue();
  }

  @Test
  void whatOthersHaveByThenIsNoFailureOfAClose() {
    EventConsumer<byte[]> consumer = consumer();
    transport.source().deliver(0, 0);
    poll(consumer, 1);
    poll(consumer, 1);
    CompletableFuture<Void> closed = consumer.closeAsync();
    transport.lastCall().fail(new ConflictException(ErrorInfo.of("lost it", "")));
    runCallbacks();
    assertThat(closed).isCompleted();
    assertThat(transport.source().isClosing()).isTrue();
  }

  @Test
  void aPollThatWaitsEndsWithTheConsumer() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<List<Message<byte[]>>> waiting = consumer.poll(1, LONG);
    consumer.closeAsync();
    assertThat(failureOf(waiting)).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void closingTheClientClosesItsConsumers() {
    consumer();
    CompletableFuture<Void> closed = client.closeAsync();
    runCallbacks();
    assertThat(closed).isCompleted();
    assertThat(transport.source().isClosing()).isTrue();
    assertThatThrownBy(() -> client.stream("s").consumer("g")).isInstanceOf(ClientClosedException.class);
  }

  @Test
  void whatEndsTheSourceEndsPollsAfterWhatWaits() {
    EventConsumer<byte[]> consumer = consumer();
    transport.source().deliver(0, 0);
    transport.source().end(new NotFoundException(ErrorInfo.of("gone", "")));
    runCallbacks();
    assertThat(poll(consumer, 1)).containsExactly("0:0");
    assertThat(failureOf(consumer.poll(1, LONG))).isInstanceOf(NotFoundException.class);
    assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
  }

  @Test
  void whatEndsTheSourceEndsHandling() {
    EventConsumer<byte[]> consumer = consumer();
    CompletableFuture<Void> run = consumer.forEach(message -> CompletableFuture.completedFuture(null));
    transport.source().end(new NotFoundException(ErrorInfo.of("gone", "")));
    assertThat(failureOf(run)).isInstanceOf(NotFoundException.class);
    CompletableFuture<Void> late = consumer.forEach(message -> CompletableFuture.completedFuture(null));
    assertThat(failureOf(late)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void anInvalidConsumerIsNotMade() {
    assertThatThrownBy(() -> client.stream("s").consumer("")).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> client.stream("s").consumer(ConsumerOptions.builder().start(StartAt.committed()).build()))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(transport.sources).isEmpty();
  }
}
