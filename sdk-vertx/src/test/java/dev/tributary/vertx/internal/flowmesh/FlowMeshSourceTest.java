package dev.tributary.vertx.internal.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetLatestOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import dev.tributary.vertx.internal.net.grpc.ScriptedServer;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowMeshSourceTest {
  private static final ResourceName NAME = new ResourceName("t", "n", "orders");
  private static Vertx vertx;

  private final ScriptedServer server = new ScriptedServer(vertx);
  /** How many messages the stream has. */
  private final AtomicLong length = new AtomicLong();
  /** The last offset that its group processed. */
  private final AtomicLong committed = new AtomicLong(4);
  private final BlockingQueue<Live> subscriptions = new LinkedBlockingQueue<>();
  private final Observed observed = new Observed();
  private OffsetReset reset = OffsetReset.FAIL;
  private Transport driver;

  private record Live(SubscribeRequest request, GrpcServerRequest<SubscribeRequest, SubscribeResponse> call) {
    void send(long offset) {
      call.response().write(SubscribeResponse.newBuilder().setMessage(message(offset)).build());
    }

    void fail() {
      call.response().write(SubscribeResponse.newBuilder().setStatus(Status.newBuilder().setCode(13)).build());
    }

    void end() {
      call.response().status(GrpcStatus.UNAVAILABLE).end();
    }
  }

  private static final class Observed implements SourceObserver<Message<byte[]>> {
    final BlockingQueue<Long> offsets = new LinkedBlockingQueue<>();
    final BlockingQueue<SubscriptionState> states = new LinkedBlockingQueue<>();
    final CompletableFuture<@Nullable TributaryException> end = new CompletableFuture<>();
    final BlockingQueue<Set<Integer>> assigned = new LinkedBlockingQueue<>();
    /** How many messages more there is room for. */
    volatile int room = Integer.MAX_VALUE;

    volatile long throwsAt = -1;

    @Override
    public long room() {
      return room;
    }

    @Override
    public void onItem(Message<byte[]> item) {
      room--;
      offsets.add(item.offset());
      if (item.offset() == throwsAt) {
        throw new AssertionError("an observer that throws");
      }
    }

    @Override
    public void onState(SubscriptionState state) {
      states.add(state);
    }

    @Override
    public void onAssigned(Set<Integer> partitions) {
      assigned.add(partitions);
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      assertThat(end.complete(error)).isTrue();
    }
  }

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeBoth() throws Exception {
    get(driver.close());
    server.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(20, TimeUnit.SECONDS);
    assertThat(item).isNotNull();
    return item;
  }

  private static Deadline soon() {
    return Deadline.after(TimeSource.system(), Duration.ofSeconds(20));
  }

  private static dev.tributary.vertx.internal.flowmesh.proto.Message message(long offset) {
    return dev.tributary.vertx.internal.flowmesh.proto.Message.newBuilder()
        .setOffset(offset)
        .setPayload(ByteString.copyFromUtf8("m" + offset))
        .build();
  }

  private StreamSource subscribe(StartAt start, int prefetch) {
    server
        .answer(
            FlowMeshMethods.READ_STREAM,
            q -> {
              ReadStreamResponse.Builder page = ReadStreamResponse.newBuilder();
              for (long at = q.getOffset(); at < length.get() && page.getMessagesCount() < q.getMaxMessages(); at++) {
                page.addMessages(message(at));
              }
              return page.build();
            })
        .answer(FlowMeshMethods.GET_LATEST_OFFSET, q -> GetLatestOffsetResponse.newBuilder().setOffset(length.get() - 1).build())
        .answer(FlowMeshMethods.GET_OFFSET, q -> GetOffsetResponse.newBuilder().setOffset(committed.get()).build())
        .answer(FlowMeshMethods.COMMIT_OFFSET, q -> CommitOffsetResponse.getDefaultInstance())
        .on(FlowMeshMethods.SUBSCRIBE, (q, call) -> subscriptions.add(new Live(q, call)));
    return open(start, prefetch);
  }

  private StreamSource open(StartAt start, int prefetch) {
    return open(start, prefetch, 1 << 20);
  }

  private StreamSource open(StartAt start, int prefetch, int maxMessageBytes) {
    driver =
        new FlowMeshProvider()
            .open(
                ClientConfig.builder("flowmesh")
                    .endpoint("127.0.0.1", server.listen())
                    .maxMessageBytes(maxMessageBytes)
                    .retry(Retry.backoff(Duration.ofMillis(1), Duration.ofMillis(5)))
                    .build());
    return driver.streams().orElseThrow().subscribe(new SubscribeSpec(NAME, "g", Set.of(), start, reset, prefetch), observed);
  }

  private void expect(long from, long to) throws InterruptedException {
    for (long offset = from; offset < to; offset++) {
      assertThat(next(observed.offsets)).isEqualTo(offset);
    }
  }

  @Test
  void catchesUpByPagesThenSubscribesFromAnOffsetItKnows() throws Exception {
    length.set(25);
    StreamSource source = subscribe(StartAt.earliest(), 10);
    source.request(1_000);
    expect(0, 25);
    Live live = next(subscriptions);
    assertThat(live.request().getStartOffset()).isEqualTo(25);
    assertThat(live.request().getConsumerGroup()).isEqualTo("g");
    live.send(25);
    live.send(26);
    expect(25, 27);
    assertThat(next(observed.assigned)).containsExactly(0);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    assertThat(server.asked(ReadStreamRequest.class)).allMatch(q -> q.getMaxMessages() <= 10);
  }

  @Test
  void startsWhereItIsTold() throws Exception {
    length.set(9);
    StreamSource source = subscribe(StartAt.committed(), 10);
    source.request(4);
    expect(5, 9);
    assertThat(get(source.seek(Map.of(0, StartAt.offset(2)), soon()))).isEqualTo(Map.of(0, 2L));
    source.request(100);
    expect(2, 9);
    length.set(12);
    assertThat(get(source.seek(Map.of(0, StartAt.latest()), soon()))).isEqualTo(Map.of(0, 12L));
    Live live = next(subscriptions);
    while (live.request().getStartOffset() != 12) {
      live = next(subscriptions);
    }
    live.send(12);
    expect(12, 13);
  }

  @Test
  void deliversNoMoreThanWasAskedForAndNothingWhilePaused() throws Exception {
    length.set(100);
    StreamSource source = subscribe(StartAt.earliest(), 16);
    source.request(3);
    expect(0, 3);
    source.pause(Set.of(0));
    source.request(5);
    // A seek completes behind whatever was being delivered.
    get(source.seek(Map.of(0, StartAt.offset(50)), soon()));
    assertThat(observed.offsets).isEmpty();
    source.resume(Set.of(0));
    expect(50, 55);
    get(source.seek(Map.of(0, StartAt.offset(7)), soon()));
    assertThat(observed.offsets).isEmpty();
  }

  @Test
  void resumesWithoutAGapOrARepetition() throws Exception {
    length.set(3);
    StreamSource source = subscribe(StartAt.earliest(), 10);
    source.request(1_000);
    expect(0, 3);
    for (int round = 0; round < 20; round++) {
      Live live = next(subscriptions);
      long at = live.request().getStartOffset();
      assertThat(at).isEqualTo(length.get());
      live.send(at);
      live.send(at + 1);
      length.set(at + 3);
      expect(at, at + 2);
      live.end();
      // What came in between is read.
      expect(at + 2, at + 3);
    }
    assertThat(observed.offsets).isEmpty();
    assertThat(observed.states).contains(SubscriptionState.RECONNECTING);
    assertThat(observed.end).isNotDone();
  }

  @Test
  void whatTheSubscriptionSkipsIsReadAndWhatItRepeatsIsDropped() throws Exception {
    length.set(2);
    StreamSource source = subscribe(StartAt.earliest(), 10);
    source.request(1_000);
    expect(0, 2);
    Live live = next(subscriptions);
    live.send(1);
    length.set(6);
    live.send(5);
    expect(2, 6);
    assertThat(next(subscriptions).request().getStartOffset()).isEqualTo(6);
  }

  @Test
  void aFewFailedPollsAreToleratedAndManyEndIt() throws Exception {
    length.set(1);
    StreamSource source = subscribe(StartAt.earliest(), 10);
    source.request(1_000);
    expect(0, 1);
    Live live = next(subscriptions);
    live.fail();
    live.fail();
    live.send(1);
    length.set(2);
    expect(1, 2);
    for (int session = 0; session < 3; session++) {
      for (int poll = 0; poll < 5; poll++) {
        live.fail();
      }
      if (session < 2) {
        live = next(subscriptions);
      }
    }
    assertThat(get(observed.end)).isInstanceOf(ServerErrorException.class);
  }

  @Test
  void aPageThatWasTooLargeIsNotAskedForAgain() throws Exception {
    ByteString payload = ByteString.copyFrom(new byte[1_000]);
    server
        .answer(
            FlowMeshMethods.READ_STREAM,
            q -> {
              ReadStreamResponse.Builder page = ReadStreamResponse.newBuilder();
              for (long at = q.getOffset(); at < 64 && page.getMessagesCount() < q.getMaxMessages(); at++) {
                page.addMessages(message(at).toBuilder().setPayload(payload));
              }
              return page.build();
            })
        .answer(FlowMeshMethods.GET_LATEST_OFFSET, q -> GetLatestOffsetResponse.newBuilder().setOffset(63).build())
        .on(FlowMeshMethods.SUBSCRIBE, (q, call) -> subscriptions.add(new Live(q, call)));
    open(StartAt.earliest(), 16, 5_000).request(1_000);
    expect(0, 64);
    assertThat(next(subscriptions).request().getStartOffset()).isEqualTo(64);
    List<Integer> sizes = server.asked(ReadStreamRequest.class).stream().map(ReadStreamRequest::getMaxMessages).toList();
    assertThat(sizes).startsWith(16, 8, 4);
    assertThat(sizes.subList(2, sizes.size())).containsOnly(4);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 2, Long.MAX_VALUE, Long.MIN_VALUE})
  void aPageThatDoesNotGoOnIsAnErrorAndNotALoop(long offset) throws Exception {
    server.answer(
        FlowMeshMethods.READ_STREAM,
        q -> {
          ReadStreamResponse.Builder page = ReadStreamResponse.newBuilder();
          for (int i = 0; i < q.getMaxMessages(); i++) {
            page.addMessages(message(q.getOffset() < 3 ? i : offset));
          }
          return page.build();
        });
    open(StartAt.earliest(), 3).request(1_000);
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class).hasMessageContaining("offset " + offset);
    assertThat(server.asked(ReadStreamRequest.class)).hasSize(2);
    expect(0, 3);
  }

  @Test
  void aPageThatIsLongerThanItWasAskedForIsAnError() throws Exception {
    server.answer(
        FlowMeshMethods.READ_STREAM,
        q -> {
          ReadStreamResponse.Builder page = ReadStreamResponse.newBuilder();
          for (int i = 0; i <= q.getMaxMessages(); i++) {
            page.addMessages(message(i));
          }
          return page.build();
        });
    open(StartAt.earliest(), 3).request(1_000);
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class);
  }

  @Test
  void aSubscriptionThatOnlyRepeatsIsAnError() throws Exception {
    length.set(2);
    subscribe(StartAt.earliest(), 10).request(10_000);
    Live live = next(subscriptions);
    for (int i = 0; i <= FlowMeshStreams.PAGE; i++) {
      live.send(i % 2);
    }
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class);
    expect(0, 2);
  }

  @Test
  void whatIsAnnouncedAndNotThereIsAskedForAgainAfterAPause() throws Exception {
    length.set(2);
    subscribe(StartAt.earliest(), 10).request(1_000);
    expect(0, 2);
    next(subscriptions).send(7);
    Live again = next(subscriptions);
    assertThat(again.request().getStartOffset()).isEqualTo(2);
    assertThat(observed.states).contains(SubscriptionState.RECONNECTING);
    again.send(2);
    expect(2, 3);
  }

  @Test
  void aStreamThatCameBackWithoutItsDataEndsIt() throws Exception {
    length.set(10);
    subscribe(StartAt.earliest(), 10).request(1_000);
    expect(0, 10);
    Live live = next(subscriptions);
    length.set(5);
    live.end();
    assertThat(get(observed.end)).isInstanceOf(OffsetOutOfRangeException.class).hasMessageContaining("10");
    assertThat(observed.offsets).isEmpty();
  }

  @Test
  void aStreamThatCameBackWithoutItsDataIsReadFromItsBeginningIfThatIsWanted() throws Exception {
    reset = OffsetReset.EARLIEST;
    length.set(10);
    subscribe(StartAt.earliest(), 10).request(1_000);
    expect(0, 10);
    Live live = next(subscriptions);
    length.set(5);
    live.end();
    expect(0, 5);
    assertThat(next(subscriptions).request().getStartOffset()).isEqualTo(5);
  }

  @Test
  void aStreamThatCameBackWithoutItsDataIsReadFromItsEndIfThatIsWanted() throws Exception {
    reset = OffsetReset.LATEST;
    length.set(10);
    subscribe(StartAt.earliest(), 10).request(1_000);
    expect(0, 10);
    Live live = next(subscriptions);
    length.set(5);
    live.end();
    Live again = next(subscriptions);
    assertThat(again.request().getStartOffset()).isEqualTo(5);
    again.send(5);
    expect(5, 6);
  }

  @Test
  void aCommitIsGoneOnFromElseTheEnd() throws Exception {
    length.set(9);
    subscribe(StartAt.committedElseLatest(), 10).request(1_000);
    expect(5, 9);
    assertThat(server.asked(CommitOffsetRequest.class)).isEmpty();
  }

  @Test
  void withoutACommitTheEndIsCommittedAndGoneOnFrom() throws Exception {
    length.set(9);
    committed.set(-1);
    subscribe(StartAt.committedElseLatest(), 10).request(1_000);
    assertThat(next(subscriptions).request().getStartOffset()).isEqualTo(9);
    assertThat(server.asked(CommitOffsetRequest.class)).extracting(CommitOffsetRequest::getOffset).containsExactly(8L);
  }

  @Test
  void anObserverThatThrowsCostsNoOtherMessage() throws Exception {
    length.set(5);
    observed.throwsAt = 2;
    subscribe(StartAt.earliest(), 10).request(1_000);
    expect(0, 5);
    observed.throwsAt = 6;
    Live live = next(subscriptions);
    live.send(5);
    live.send(6);
    live.send(7);
    expect(5, 8);
    assertThat(observed.end).isNotDone();
  }

  @Test
  void nothingIsFetchedForWhichThereIsNoRoom() throws Exception {
    length.set(40);
    observed.room = 2;
    StreamSource source = subscribe(StartAt.earliest(), 4);
    source.request(1_000);
    expect(0, 1);
    expect(1, 2);
    // A page and what is ahead of it by half a window, whatever the demand.
    get(source.seek(Map.of(0, StartAt.offset(10)), soon()));
    assertThat(observed.offsets).isEmpty();
    int asked = server.asked(ReadStreamRequest.class).size();
    observed.room = 1_000;
    source.request(0);
    expect(10, 40);
    assertThat(server.asked(ReadStreamRequest.class).size()).isGreaterThan(asked);
  }

  @Test
  void aCommitBehindTheEndEndsIt() throws Exception {
    length.set(3);
    subscribe(StartAt.committed(), 10).request(1_000);
    assertThat(get(observed.end)).isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void anOffsetAheadIsWaitedForAlsoAfterACut() throws Exception {
    length.set(3);
    subscribe(StartAt.offset(7), 10).request(1_000);
    for (int session = 0; session < 3; session++) {
      Live live = next(subscriptions);
      assertThat(live.request().getStartOffset()).isEqualTo(7);
      live.end();
    }
    Live live = next(subscriptions);
    live.send(7);
    expect(7, 8);
    length.set(3);
    live.end();
    assertThat(get(observed.end)).isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void aGroupThatNeverCommittedKeepsTheEndItBeganAt() throws Exception {
    length.set(9);
    committed.set(-1);
    subscribe(StartAt.latest(), 10).request(1_000);
    assertThat(next(subscriptions).request().getStartOffset()).isEqualTo(9);
    assertThat(server.asked(CommitOffsetRequest.class)).extracting(CommitOffsetRequest::getOffset).containsExactly(8L);
  }

  @Test
  void aGroupThatCommittedIsNotMovedByABeginningAtTheEnd() throws Exception {
    length.set(9);
    subscribe(StartAt.latest(), 10).request(1_000);
    assertThat(next(subscriptions).request().getStartOffset()).isEqualTo(9);
    assertThat(server.asked(CommitOffsetRequest.class)).isEmpty();
  }

  @Test
  void aStreamThatDoesNotExistEndsIt() throws Exception {
    server.answer(
        FlowMeshMethods.READ_STREAM,
        q -> {
          throw new ScriptedServer.Refusal(GrpcStatus.NOT_FOUND, "stream not found");
        });
    open(StartAt.earliest(), 10);
    assertThat(get(observed.end)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void aClosedSourceSaysSoOnceAndAClosedTransportEndsItWithItsReason() throws Exception {
    length.set(5);
    StreamSource source = subscribe(StartAt.earliest(), 10);
    source.request(2);
    expect(0, 2);
    get(source.close());
    assertThat(get(observed.end)).isNull();
    get(source.close());
    Observed other = new Observed();
    driver.streams().orElseThrow().subscribe(new SubscribeSpec(NAME, null, Set.of(), StartAt.earliest(), 4), other).request(1);
    assertThat(next(other.offsets)).isZero();
    get(driver.close());
    assertThat(get(other.end)).isInstanceOf(ClientClosedException.class);
    assertThat(List.copyOf(observed.offsets)).isEmpty();
  }
}
