package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import dev.tributary.vertx.internal.net.GrpcCaller;
import dev.tributary.vertx.internal.net.GrpcStream;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.ResumingSource;
import dev.tributary.vertx.internal.net.Steps;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription. A server's Subscribe is slow, about a hundred messages a second, so each session catches up by reading pages and only
 * then subscribes, always from an offset that it knows; and it goes back to pages when it falls behind.
 */
final class FlowMeshSource extends ResumingSource<Message<byte[]>> implements StreamSource {
  /** A failed poll of the server is a status in the stream; some pass by themselves. */
  private static final int TOLERATED_STATUSES = 5;

  /** Sessions in a row that ended by such statuses. */
  private static final int TOLERATED_SESSIONS = 3;

  /** After how many subscribed messages to look whether they come fast enough, and how far behind is too far. */
  private static final int LOOK = 100;

  private static final int BEHIND = 1_000;
  private static final Duration SLOW = Duration.ofMillis(500);

  private final FlowMeshStreams streams;
  private final GrpcCaller caller;
  private final Network network;
  private final SubscribeSpec spec;
  private final int window;
  private final Consumer<FlowMeshSource> onOver;

  private @Nullable StartAt start;
  /** The offset to deliver next: where a session begins. */
  private long resumeAt;
  /** The offset to read next; what lies between is here already. */
  private long readAt;
  private int page;
  private @Nullable CompletableFuture<?> call;
  private @Nullable GrpcStream<SubscribeRequest, SubscribeResponse> subscription;
  private boolean running;
  private boolean taking;
  private boolean caughtUp;
  private long outstanding;
  private int statuses;
  private int failedSessions;
  private boolean assigned;
  private int sinceLook;
  private long lookedAt;

  FlowMeshSource(
      FlowMeshStreams streams,
      GrpcCaller caller,
      Network network,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<FlowMeshSource> onOver) {
    super(caller.loop(), network.time(), network.config().retry(), observer);
    this.streams = streams;
    this.caller = caller;
    this.network = network;
    this.spec = spec;
    this.start = spec.start();
    this.window = Math.max(1, Math.min(FlowMeshStreams.PAGE, spec.prefetch()));
    this.page = window;
    this.onOver = onOver;
  }

  @Override
  protected void begin(int session) {
    running = true;
    caughtUp = false;
    statuses = 0;
    outstanding = 0;
    if (spec.partitions().stream().anyMatch(partition -> partition != FlowMeshStreams.PARTITION)) {
      failed(session, InvalidRequestException.of("partitions " + spec.partitions(), "Streams of FlowMesh have partition 0 only"));
      return;
    }
    StartAt from = start;
    if (from == null) {
      readAt = resumeAt;
      readPage(session);
      return;
    }
    await(
        session,
        resolve(from),
        offset -> {
          start = null;
          resumeAt = offset;
          readAt = offset;
          readPage(session);
        });
  }

  /** The offset that a place is now. */
  private CompletableFuture<Long> resolve(StartAt place) {
    return caller.within(network.config().timeout(), deadline -> resolve(place, deadline));
  }

  private CompletableFuture<Long> end(Deadline deadline) {
    return Steps.map(
        streams.latestOffset(spec.stream(), FlowMeshStreams.PARTITION, deadline), latest -> latest.isPresent() ? latest.getAsLong() + 1 : 0);
  }

  private CompletableFuture<Long> resolve(StartAt place, Deadline deadline) {
    if (place instanceof StartAt.Offset exact) {
      return CompletableFuture.completedFuture(exact.offset());
    }
    if (place == StartAt.earliest()) {
      return CompletableFuture.completedFuture(0L);
    }
    if (place == StartAt.latest()) {
      return end(deadline);
    }
    if (place.ofGroup()) {
      String group = spec.group();
      return group == null
          ? CompletableFuture.failedFuture(InvalidRequestException.of("no group whose commit could be the start", "Give a group"))
          : Steps.then(
              streams.committed(spec.stream(), group, FlowMeshStreams.PARTITION, deadline),
              next ->
                  next.isEmpty() && place == StartAt.committedElseLatest()
                      ? end(deadline)
                      : CompletableFuture.completedFuture(next.orElse(0)));
    }
    return CompletableFuture.failedFuture(
        new UnsupportedFeatureException(ErrorInfo.of("FlowMesh cannot start at a time", "Start at an offset, or use a replay")));
  }

  private void readPage(int session) {
    int asked = page;
    CompletableFuture<List<Message<byte[]>>> reading =
        Steps.map(
            caller.callWithin(
                FlowMeshMethods.READ_STREAM,
                FlowMeshStreams.request(spec.stream(), FlowMeshStreams.PARTITION, readAt, asked),
                network.config().timeout()),
            FlowMeshStreams::messages);
    await(
        session,
        reading,
        messages -> {
          assign();
          works(session);
          caughtUp = messages.size() < asked;
          page = next(asked, messages);
          // What to do next is decided behind the page, not within it.
          taking = true;
          for (Message<byte[]> message : messages) {
            take(session, message);
          }
          taking = false;
          if (current(session)) {
            wanted();
          }
        },
        error -> {
          if (error instanceof PayloadTooLargeException && asked > 1) {
            page = asked / 2;
            readPage(session);
          } else {
            failed(session, error);
          }
        });
  }

  /** Twice as many as in this page, unless the answer may then be larger than this client takes. */
  private int next(int asked, List<Message<byte[]>> page) {
    long bytes = page.stream().mapToLong(message -> message.value().length).sum();
    return 2 * bytes < network.config().maxMessageBytes() ? Math.min(window, asked * 2) : asked;
  }

  private void take(int session, Message<byte[]> message) {
    if (message.offset() >= readAt) {
      readAt = message.offset() + 1;
      arrived(session, message);
    }
  }

  private void assign() {
    if (!assigned) {
      assigned = true;
      observer().onAssigned(Set.of(FlowMeshStreams.PARTITION));
    }
  }

  @Override
  protected void delivered(Message<byte[]> message) {
    resumeAt = message.offset() + 1;
  }

  @Override
  protected void wanted() {
    if (!running || taking || call != null || !assigned || start != null) {
      return;
    }
    int here = held();
    GrpcStream<SubscribeRequest, SubscribeResponse> live = subscription;
    if (live != null) {
      if (outstanding + here <= window / 2) {
        long more = window - outstanding - here;
        outstanding += more;
        live.request(more);
      }
    } else if (caughtUp) {
      subscribe(session());
    } else if (here <= window / 2) {
      readPage(session());
    }
  }

  private void subscribe(int session) {
    outstanding = 0;
    sinceLook = 0;
    lookedAt = network.time().nanos();
    SubscribeRequest request =
        SubscribeRequest.newBuilder()
            .setResourcePath(Mapping.stream(spec.stream()))
            // Only looked at for a start that is not an offset, but it must not be empty.
            .setConsumerGroup(spec.group() == null ? "tributary" : spec.group())
            .setPartition(FlowMeshStreams.PARTITION)
            .setStartOffset(readAt)
            .build();
    subscription = caller.subscribe(FlowMeshMethods.SUBSCRIBE, request, loop, new Live(session));
    wanted();
  }

  /** What the live subscription of a session brings. */
  private final class Live implements GrpcStream.Listener<SubscribeResponse> {
    private final int session;

    Live(int session) {
      this.session = session;
    }

    @Override
    public void onMessage(SubscribeResponse frame) {
      if (!current(session)) {
        return;
      }
      outstanding--;
      if (!frame.hasMessage()) {
        pollFailed(session, frame);
        return;
      }
      Message<byte[]> message = Mapping.message(frame.getMessage());
      if (message.offset() > readAt) {
        // Something is missing: pages have it.
        backToPages();
        return;
      }
      statuses = 0;
      failedSessions = 0;
      take(session, message);
      if (current(session) && subscription != null) {
        wanted();
        look(session);
      }
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      if (current(session)) {
        subscription = null;
        failed(
            session,
            error == null
                ? new ConnectionFailedException(ErrorInfo.of("the server ended the subscription", "It is resumed"))
                : error);
      }
    }
  }

  private void backToPages() {
    if (subscription != null) {
      subscription.cancel();
      subscription = null;
    }
    caughtUp = false;
    wanted();
  }

  /** Messages that come slowly while many wait come faster by pages. */
  private void look(int session) {
    if (++sinceLook < LOOK || call != null) {
      return;
    }
    long now = network.time().nanos();
    boolean slow = now - lookedAt > SLOW.toNanos();
    sinceLook = 0;
    lookedAt = now;
    if (slow && room() > 0) {
      await(
          session,
          caller.within(network.config().timeout(), d -> streams.latestOffset(spec.stream(), FlowMeshStreams.PARTITION, d)),
          latest -> {
            if (latest.orElse(-1) - readAt >= BEHIND) {
              backToPages();
            } else {
              wanted();
            }
          });
    }
  }

  private void pollFailed(int session, SubscribeResponse frame) {
    if (++statuses < TOLERATED_STATUSES) {
      wanted();
      return;
    }
    String text = "the server fails to read the stream for the subscription: status " + frame.getStatus().getCode() + " " + frame.getStatus().getMessage();
    if (subscription != null) {
      subscription.cancel();
      subscription = null;
    }
    // It is also all that is said of a stream that does not exist.
    await(
        session,
        caller.within(network.config().timeout(), d -> streams.latestOffset(spec.stream(), FlowMeshStreams.PARTITION, d)),
        exists ->
            failed(
                session,
                ++failedSessions >= TOLERATED_SESSIONS
                    ? new ServerErrorException(ErrorInfo.of(text, "Look at the server's log"))
                    : new ConnectionFailedException(ErrorInfo.of(text, "It is resumed"))));
  }

  private <R> void await(int session, CompletableFuture<R> work, Consumer<R> then) {
    await(session, work, then, error -> failed(session, error));
  }

  /** One call at a time; its result counts on the event loop, if the session is still the one that counts. */
  private <R> void await(int session, CompletableFuture<R> work, Consumer<R> then, Consumer<TributaryException> otherwise) {
    call = work;
    BiConsumer<R, Throwable> done =
        (result, error) ->
            loop.emit(
                work,
                mine -> {
                  if (call == mine && current(session)) {
                    call = null;
                    if (error == null) {
                      then.accept(result);
                    } else {
                      otherwise.accept(known(error));
                    }
                  }
                });
    work.whenComplete(done);
  }

  private static TributaryException known(Throwable error) {
    return Steps.unwrap(error) instanceof TributaryException known
        ? known
        : new ServerErrorException(ErrorInfo.of("unexpected " + error, "The cause tells where").causedBy(error));
  }

  @Override
  protected CompletableFuture<Void> stop() {
    running = false;
    if (call != null) {
      call.cancel(true);
      call = null;
    }
    if (subscription != null) {
      subscription.cancel();
      subscription = null;
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> places, Deadline deadline) {
    StartAt place = places.get(FlowMeshStreams.PARTITION);
    if (place == null || places.size() > 1) {
      return CompletableFuture.failedFuture(
          InvalidRequestException.of("a seek in partitions " + places.keySet(), "Streams of FlowMesh have partition 0 only"));
    }
    return OnLoop.then(
        resolve(place, deadline),
        loop,
        (offset, moved) ->
            restart(
                () -> {
                  start = null;
                  resumeAt = offset;
                  moved.complete(Map.of(FlowMeshStreams.PARTITION, offset));
                }));
  }

  @Override
  public void pause(Set<Integer> partitions) {
    if (partitions.contains(FlowMeshStreams.PARTITION)) {
      loop.emit(true, this::hold);
    }
  }

  @Override
  public void resume(Set<Integer> partitions) {
    if (partitions.contains(FlowMeshStreams.PARTITION)) {
      loop.emit(false, this::hold);
    }
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    String group = spec.group();
    Long next = nextOffsets.get(FlowMeshStreams.PARTITION);
    if (group == null || next == null || nextOffsets.size() > 1) {
      return CompletableFuture.failedFuture(
          InvalidRequestException.of(
              "a commit of partitions " + nextOffsets.keySet() + " in group " + group, "Commit partition 0, with a group"));
    }
    return streams.commit(spec.stream(), group, new Position(FlowMeshStreams.PARTITION, next), deadline);
  }
}
