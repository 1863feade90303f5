package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.GrpcStream;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One Subscribe, from an offset that is known. Everything happens on the event loop of its owner, who hears nothing after a cancel. */
final class LiveRead implements GrpcStream.Listener<SubscribeResponse> {
  /** A failed poll of the server is a status in the stream; some pass by themselves. */
  private static final int TOLERATED_STATUSES = 5;

  /** After how many messages to see whether they come fast enough. */
  private static final int LOOK = 100;

  private static final Duration SLOW = Duration.ofMillis(500);

  private final Owner owner;
  private final TimeSource time;
  private final GrpcStream<SubscribeRequest, SubscribeResponse> stream;
  private long at;
  private long outstanding;
  private int statuses;
  private int repeated;
  private int sinceLook;
  private long lookedAt;
  private boolean cancelled;

  /** Who reads. */
  interface Owner {
    /** The next one, in order. */
    void onNext(Message<byte[]> message);

    /** Offsets are left out: this one came instead. */
    void onGap(long offset);

    /** The server fails to read the stream, again and again. */
    void onFailingPolls(Status status);

    /** Messages come slowly. */
    void onSlow();

    /** There was something that is not for the owner: what more is wanted? */
    void onWant();

    /** It is over. */
    void onEnd(TributaryException error);
  }

  /** Begins at this offset; nothing comes before {@link #want}. */
  LiveRead(GrpcCaller caller, TimeSource time, ContextInternal loop, ResourceName name, @Nullable String group, long from, Owner owner) {
    this.owner = owner;
    this.time = time;
    this.at = from;
    this.lookedAt = time.nanos();
    SubscribeRequest request =
        SubscribeRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.stream(name))
            // Only looked at for a start that is not an offset, but it must not be empty.
            .setConsumerGroup(group == null ? "tributary" : group)
            .setPartition(FlowMeshStreams.PARTITION)
            .setStartOffset(from)
            .build();
    this.stream = caller.subscribe(FlowMeshMethods.SUBSCRIBE, request, loop, this);
  }

  /** How many may come that have not. */
  long outstanding() {
    return outstanding;
  }

  /** So many more may come. */
  void want(long more) {
    if (more > 0) {
      outstanding += more;
      stream.request(more);
    }
  }

  void cancel() {
    cancelled = true;
    stream.cancel();
  }

  @Override
  public void onMessage(SubscribeResponse frame) {
    if (cancelled) {
      return;
    }
    outstanding--;
    if (!frame.hasMessage()) {
      if (++statuses < TOLERATED_STATUSES) {
        owner.onWant();
      } else {
        cancel();
        owner.onFailingPolls(frame.getStatus());
      }
      return;
    }
    long offset = frame.getMessage().getOffset();
    if (offset < 0 || offset == Long.MAX_VALUE || offset < at && ++repeated > FlowMeshStreams.PAGE) {
      cancel();
      owner.onEnd(
          new ProtocolViolationException(ErrorInfo.of("offset " + offset + " in a subscription that is at " + at, "Check the server's version")));
    } else if (offset > at) {
      cancel();
      owner.onGap(offset);
    } else if (offset < at) {
      owner.onWant();
    } else {
      at++;
      statuses = 0;
      repeated = 0;
      owner.onNext(FlowMeshMapping.message(frame.getMessage()));
      look();
    }
  }

  private void look() {
    if (cancelled || ++sinceLook < LOOK) {
      return;
    }
    long now = time.nanos();
    boolean slow = now - lookedAt > SLOW.toNanos();
    sinceLook = 0;
    lookedAt = now;
    if (slow) {
      owner.onSlow();
    }
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    if (!cancelled) {
      cancelled = true;
      owner.onEnd(
          error == null
              ? new ConnectionFailedException(ErrorInfo.of("the server ended the subscription", "It is resumed"))
              : error);
    }
  }
}
