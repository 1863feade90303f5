package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import dev.tributary.vertx.internal.net.Fit;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.Steps;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.source.ResumingSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription. A server's Subscribe is slow, about a hundred messages a second, so each session catches up by reading pages and only
 * then subscribes, always from an offset that it knows; and it goes back to pages when it falls behind.
 */
final class FlowMeshSource extends ResumingSource<Message<byte[]>> implements StreamSource {
  /** Sessions in a row that ended by failing polls. */
  private static final int TOLERATED_SESSIONS = 3;

  /** How far behind a subscription that is slow may be. */
  private static final int BEHIND = 1_000;

  /** How many messages the first page has at most: how large they are is not known yet. */
  private static final int FIRST_PAGE = 32;

  private final FlowMeshStreams streams;
  private final GrpcCaller caller;
  private final Network network;
  private final SubscribeSpec spec;
  private final Places places;
  private final int window;
  private final Fit fit = new Fit(FlowMeshDriver.BYTES);
  private final Consumer<FlowMeshSource> onOver;

  private @Nullable StartAt start;
  /** The offset to deliver next: where a session begins. */
  private long resumeAt;
  /** The offset to read next; what lies between is here already. */
  private long readAt;
  /** Whether the stream has been at the place to read from: then it must still have it, else it may have to come there first. */
  private boolean reached;
  /** Whether it goes on at another place than where it stopped, and has delivered nothing from there. */
  private boolean elsewhere;
  /** Bytes of what is here and not delivered. */
  private long waiting;
  private int page;
  private @Nullable CompletableFuture<?> call;
  private @Nullable LiveRead live;
  private boolean running;
  private boolean taking;
  private boolean caughtUp;
  /** What a subscription announced that the pages did not have yet; -1 for nothing. */
  private long announced;
  private int failedSessions;
  private boolean assigned;

  FlowMeshSource(
      FlowMeshStreams streams,
      GrpcCaller caller,
      Network network,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<FlowMeshSource> onOver) {
    super(caller.loop(), network, observer);
    this.streams = streams;
    this.caller = caller;
    this.network = network;
    this.spec = spec;
    this.start = spec.start();
    this.window = Math.max(1, Math.min(FlowMeshStreams.PAGE, spec.prefetch()));
    this.places = new Places(streams, spec);
    this.page = Math.min(FIRST_PAGE, window);
    this.onOver = onOver;
  }

  @Override
  protected void begin(int session) {
    running = true;
    caughtUp = false;
    announced = -1;
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
        caller.within(network.config().timeout(), deadline -> elsewhere ? places.offset(from, deadline) : places.begin(from, deadline)),
        offset -> {
          beginAt(from, offset);
          readAt = offset;
          readPage(session);
        });
  }

  private void beginAt(StartAt place, long offset) {
    start = null;
    resumeAt = offset;
    reached = !(place instanceof StartAt.Offset);
  }

  // Pages.

  private void readPage(int session) {
    int asked = (int) Math.min(page, Math.max(1, fit.in(bytesLeft())));
    long from = readAt;
    CompletableFuture<List<Message<byte[]>>> reading =
        Steps.map(
            caller.callWithin(
                FlowMeshMethods.READ_STREAM, FlowMeshStreams.request(spec.stream(), from, asked), network.config().timeout()),
            answer -> FlowMeshStreams.messages(from, asked, answer));
    await(
        session,
        reading,
        messages -> {
          if (messages.isEmpty()) {
            nothingThere(session);
          } else {
            there(session, asked, messages);
          }
        },
        error -> {
          if (error instanceof PayloadTooLargeException && asked > 1) {
            page = asked / 2;
            readPage(session);
          } else if (error instanceof OffsetOutOfRangeException gone) {
            outOfRange(session, gone);
          } else {
            failed(session, error);
          }
        });
  }

  private void there(int session, int asked, List<Message<byte[]>> messages) {
    assign();
    works(session);
    announced = -1;
    caughtUp = messages.size() < asked;
    // A page that was short because of its bytes says nothing against a longer one.
    page = asked < page ? page : next(asked, messages);
    // What to do next is decided behind the page, not within it.
    taking = true;
    try {
      messages.forEach(message -> take(session, message));
    } finally {
      taking = false;
    }
    wanted();
  }

  /** Twice as many as in this page, unless the answer may then be larger than this client takes. */
  private int next(int asked, List<Message<byte[]>> page) {
    long bytes = page.stream().mapToLong(FlowMeshSource::size).sum();
    return 2 * bytes < network.config().maxMessageBytes() ? Math.min(window, asked * 2) : asked;
  }

  /** An empty page is the end of what there is, or of a stream that came back without its data: that is told by its end. */
  private void nothingThere(int session) {
    if (announced >= readAt) {
      failed(
          session,
          new ConnectionFailedException(
              ErrorInfo.of("the server announces offset " + announced + " and has nothing from " + readAt, "It is resumed")));
    } else if (reached && readAt > 0) {
      await(
          session,
          caller.within(network.config().timeout(), places::end),
          end -> {
            if (end < readAt) {
              outOfRange(
                  session,
                  new OffsetOutOfRangeException(
                      ErrorInfo.of(
                          "the stream ends at offset " + end + ", before " + readAt + " where it was to be read on: it lost its data",
                          "Subscribe anew from a place that it has")));
            } else {
              atTheEnd(session);
            }
          });
    } else {
      atTheEnd(session);
    }
  }

  private void atTheEnd(int session) {
    assign();
    works(session);
    caughtUp = true;
    wanted();
  }

  /** The place to read from is not there any more. That the place it goes on at instead is not there either makes no sense. */
  private void outOfRange(int session, OffsetOutOfRangeException error) {
    if (spec.reset() == OffsetReset.FAIL || elsewhere) {
      failed(session, error);
    } else {
      restart(
          () -> {
            elsewhere = true;
            start = spec.reset() == OffsetReset.EARLIEST ? StartAt.earliest() : StartAt.latest();
          });
    }
  }

  private void take(int session, Message<byte[]> message) {
    if (!current(session)) {
      return;
    }
    long bytes = size(message);
    fit.saw(bytes);
    waiting += bytes;
    readAt = message.offset() + 1;
    reached = true;
    arrived(session, message);
  }

  private static long size(Message<byte[]> message) {
    return message.value().length;
  }

  private void assign() {
    if (!assigned) {
      assigned = true;
      observer().onAssigned(Set.of(FlowMeshStreams.PARTITION));
    }
  }

  @Override
  protected void delivered(Message<byte[]> message) {
    waiting -= size(message);
    elsewhere = false;
    resumeAt = message.offset() + 1;
  }

  /** How many more bytes may be fetched: what the observer can hold, without what waits here for it. */
  private long bytesLeft() {
    return observer().room() - waiting;
  }

  @Override
  protected void wanted() {
    if (!running || taking || call != null || !assigned || start != null) {
      return;
    }
    int here = held();
    LiveRead now = live;
    if (now == null && caughtUp) {
      now = new LiveRead(caller, network.time(), loop, spec.stream(), spec.group(), readAt, new Session(session()));
      live = now;
    }
    if (now != null) {
      if (now.outstanding() + here <= window / 2) {
        now.want(Math.min(window - here, fit.in(bytesLeft())) - now.outstanding());
      }
    } else if (here <= window / 2 && bytesLeft() > 0) {
      readPage(session());
    }
  }

  /** What the live subscription of a session brings. */
  private final class Session implements LiveRead.Owner {
    private final int number;

    Session(int number) {
      this.number = number;
    }

    @Override
    public void onNext(Message<byte[]> message) {
      failedSessions = 0;
      take(number, message);
      wanted();
    }

    /** Pages have what is missing. */
    @Override
    public void onGap(long offset) {
      announced = offset;
      backToPages();
    }

    @Override
    public void onFailingPolls(Status status) {
      live = null;
      pollsFailed(number, status);
    }

    /** Messages that come slowly while many wait come faster by pages. */
    @Override
    public void onSlow() {
      if (call == null && room() > 0) {
        await(
            number,
            caller.within(network.config().timeout(), places::end),
            end -> {
              if (end - readAt > BEHIND) {
                backToPages();
              } else {
                wanted();
              }
            });
      }
    }

    @Override
    public void onWant() {
      wanted();
    }

    @Override
    public void onEnd(TributaryException error) {
      live = null;
      failed(number, error);
    }
  }

  private void backToPages() {
    leaveLive();
    caughtUp = false;
    wanted();
  }

  private void leaveLive() {
    if (live != null) {
      live.cancel();
      live = null;
    }
  }

  private void pollsFailed(int session, Status status) {
    String text = "the server fails to read the stream for the subscription: status " + status.getCode() + " " + status.getMessage();
    // It is also all that is said of a stream that does not exist.
    await(
        session,
        caller.within(network.config().timeout(), places::end),
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
    work.whenComplete(
        (result, error) ->
            OnLoop.run(
                loop,
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
                }));
  }

  private static TributaryException known(Throwable error) {
    return Steps.unwrap(error) instanceof TributaryException known
        ? known
        : new ServerErrorException(ErrorInfo.of("unexpected " + error, "The cause tells where").causedBy(error));
  }

  @Override
  protected CompletableFuture<Void> stop() {
    running = false;
    waiting = 0;
    if (call != null) {
      call.cancel(true);
      call = null;
    }
    leaveLive();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> sought, Deadline deadline) {
    StartAt place = sought.get(FlowMeshStreams.PARTITION);
    if (place == null || sought.size() > 1) {
      return CompletableFuture.failedFuture(
          InvalidRequestException.of("a seek in partitions " + sought.keySet(), "Streams of FlowMesh have partition 0 only"));
    }
    return OnLoop.then(
        places.offset(place, deadline),
        loop,
        (offset, moved) ->
            restart(
                () -> {
                  beginAt(place, offset);
                  moved.complete(Map.of(FlowMeshStreams.PARTITION, offset));
                }));
  }

  @Override
  public void pause(Set<Integer> partitions) {
    if (partitions.contains(FlowMeshStreams.PARTITION)) {
      OnLoop.run(loop, true, this::hold);
    }
  }

  @Override
  public void resume(Set<Integer> partitions) {
    if (partitions.contains(FlowMeshStreams.PARTITION)) {
      OnLoop.run(loop, false, this::hold);
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
