package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.source.Cursor;
import dev.tributary.vertx.internal.source.Page;
import dev.tributary.vertx.internal.source.PagedSource;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A subscription. A server's Subscribe is slow, about a hundred messages a second, so each session catches up by reading pages and only
 * then subscribes, always from an offset that it knows; and it goes back to pages when it falls behind.
 */
final class FlowMeshSource extends PagedSource {
  /** Sessions in a row that ended by failing polls. */
  private static final int TOLERATED_SESSIONS = 3;

  /** How far behind a subscription that is slow may be. */
  private static final int BEHIND = 1_000;

  private final FlowMeshStreams streams;
  private final GrpcCaller caller;
  private final StartOffsets offsets;
  private final Consumer<FlowMeshSource> onOver;
  private @Nullable LiveRead live;
  /** What a subscription announced that the pages may not have yet; -1 for nothing. */
  private long announced = -1;
  private int failedSessions;

  FlowMeshSource(
      FlowMeshStreams streams,
      GrpcCaller caller,
      Network network,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<FlowMeshSource> onOver) {
    super(caller.loop(), network, spec, FlowMeshStreams.PAGE, FlowMeshDriver.BYTES, observer);
    this.streams = streams;
    this.caller = caller;
    this.offsets = new StartOffsets(streams, spec);
    this.onOver = onOver;
  }

  private <R> CompletableFuture<R> within(Function<Deadline, CompletableFuture<R>> call) {
    return caller.within(network().config().timeout(), call);
  }

  @Override
  protected void open(int session) {
    if (spec().partitions().stream().anyMatch(partition -> partition != FlowMeshStreams.PARTITION)) {
      failed(session, InvalidRequestException.of("partitions " + spec().partitions(), "Streams of FlowMesh have partition 0 only"));
    } else {
      assigned(Set.of(FlowMeshStreams.PARTITION));
    }
  }

  @Override
  protected CompletableFuture<Starts> starts(Collection<Cursor> fresh) {
    StartAt start = spec().start();
    return Steps.map(
        within(deadline -> offsets.begin(start, deadline)),
        offset ->
            new Starts(
                Map.of(FlowMeshStreams.PARTITION, offset), start instanceof StartAt.Offset ? Set.of(FlowMeshStreams.PARTITION) : Set.of()));
  }

  @Override
  protected CompletableFuture<Map<Integer, Long>> find(Map<Integer, StartAt> sought, Deadline deadline) {
    StartAt place = sought.get(FlowMeshStreams.PARTITION);
    if (place == null || sought.size() > 1) {
      throw InvalidRequestException.of("a seek in partitions " + sought.keySet(), "Streams of FlowMesh have partition 0 only");
    }
    return Steps.map(offsets.offset(place, deadline), offset -> Map.of(FlowMeshStreams.PARTITION, offset));
  }

  @Override
  protected CompletableFuture<Map<Integer, Ends>> ends(Set<Integer> partitions) {
    return Steps.map(within(offsets::end), next -> Map.of(FlowMeshStreams.PARTITION, new Ends(0, next)));
  }

  @Override
  protected CompletableFuture<Page> fetch(int partition, long offset, int max) {
    return within(deadline -> streams.page(spec().stream(), offset, max, deadline));
  }

  // The live subscription.

  @Override
  protected void atEnd(int session, Cursor cursor) {
    long from = cursor.readAt();
    if (announced >= from) {
      failed(
          session,
          new ConnectionFailedException(
              ErrorInfo.of("the server announces offset " + announced + " and has nothing from " + from, "It is resumed")));
    } else {
      live = new LiveRead(caller, network().time(), loop, spec().stream(), spec().group(), from, new Session(session, cursor));
    }
  }

  @Override
  protected void wanted() {
    LiveRead now = live;
    Cursor cursor = cursorOf(FlowMeshStreams.PARTITION);
    if (now == null || cursor == null) {
      super.wanted();
    } else if (now.outstanding() + held() <= window() / 2) {
      now.want(Math.min(window() - held(), cursor.fits(bytesLeft())) - now.outstanding());
    }
  }

  /** What the live subscription of a session brings. */
  private final class Session implements LiveRead.Owner {
    private final int number;
    private final Cursor cursor;

    Session(int number, Cursor cursor) {
      this.number = number;
      this.cursor = cursor;
    }

    @Override
    public void onNext(Message<byte[]> message) {
      failedSessions = 0;
      next(number, cursor, message);
      wanted();
    }

    /** Pages have what is missing. */
    @Override
    public void onGap(long offset) {
      announced = offset;
      backToPages();
    }

    /** It is also all that is said of a stream that does not exist. */
    @Override
    public void onFailingPolls(Status status) {
      String text = "the server fails to read the stream for the subscription: status " + status.getCode() + " " + status.getMessage();
      ask(
          number,
          within(offsets::end),
          exists ->
              failed(
                  number,
                  ++failedSessions >= TOLERATED_SESSIONS
                      ? new ServerErrorException(ErrorInfo.of(text, "Look at the server's log"))
                      : new ConnectionFailedException(ErrorInfo.of(text, "It is resumed"))));
    }

    /** Messages that come slowly while many wait come faster by pages. */
    @Override
    public void onSlow() {
      if (!asking() && room() > 0) {
        ask(
            number,
            within(offsets::end),
            end -> {
              if (end - cursor.readAt() > BEHIND) {
                backToPages();
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
    wanted();
  }

  private void leaveLive() {
    if (live != null) {
      live.cancel();
      live = null;
    }
  }

  @Override
  protected Cursor cursor(int partition, boolean first) {
    return new Cursor(this, partition, first) {
      @Override
      protected void rested() {
        announced = -1;
        leaveLive();
      }
    };
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    String group = spec().group();
    Long next = nextOffsets.get(FlowMeshStreams.PARTITION);
    if (group == null || next == null || nextOffsets.size() > 1) {
      throw InvalidRequestException.of(
          "a commit of partitions " + nextOffsets.keySet() + " in group " + group, "Commit partition 0, with a group");
    }
    return streams.commit(spec().stream(), group, new Position(FlowMeshStreams.PARTITION, next), deadline);
  }
}
