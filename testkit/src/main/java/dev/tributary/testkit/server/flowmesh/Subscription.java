package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One open Subscribe: a source on one side, an HTTP/2 stream on the other. Asks the source for more only as the stream drains, so
 * a client that does not read holds up nothing but its own subscription, with {@link #WINDOW} messages at most.
 */
final class Subscription {
  private static final int WINDOW = 64;
  private static final Duration RETRY = Duration.ofMillis(100);
  private static final int INTERNAL = 13;

  private final StreamTransport streams;
  private final TimeSource time;
  private final ServerCall<SubscribeRequest, SubscribeResponse> call;
  private final ResourceName stream;
  private final int partition;
  private final String path;
  private final Queue<Message<byte[]>> arrived = new ArrayDeque<>();
  private StartAt next;
  private boolean turnPlanned;
  private int unasked;
  private @Nullable Source source;
  private TimeSource.@Nullable Timer retry;

  Subscription(
      StreamTransport streams,
      TimeSource time,
      ServerCall<SubscribeRequest, SubscribeResponse> call,
      ResourceName stream,
      int partition,
      StartAt start) {
    this.streams = streams;
    this.time = time;
    this.call = call;
    this.stream = stream;
    this.partition = partition;
    this.path = Catalog.path(ResourceKind.STREAM, stream);
    this.next = start;
  }

  /** On the call's context. */
  void open() {
    call.response().drainHandler(drained -> write());
    call.response().writeHead();
    connect();
  }

  private void connect() {
    if (call.ended()) {
      return;
    }
    Source opened = streams.subscribe(new SubscribeSpec(stream, null, Set.of(partition), next, WINDOW), new Observer());
    source = opened;
    opened.request(WINDOW);
  }

  /** The call is over. */
  void close() {
    if (source != null) {
      source.close();
    }
    if (retry != null) {
      retry.cancel();
    }
    synchronized (arrived) {
      arrived.clear();
    }
  }

  void cut(Rejection rejection) {
    call.fail(rejection);
  }

  /** Tells the client of a failed poll: a status in band, after which the subscription goes on. */
  void inBand(int status) {
    call.onContext(
        () -> {
          if (!call.ended()) {
            call.response()
                .write(SubscribeResponse.newBuilder().setStatus(Status.newBuilder().setCode(status).setMessage("poll failed")).build());
          }
        });
  }

  private void write() {
    synchronized (arrived) {
      turnPlanned = false;
    }
    while (!call.ended() && !call.response().writeQueueFull()) {
      Message<byte[]> message;
      synchronized (arrived) {
        message = arrived.poll();
      }
      if (message == null) {
        break;
      }
      call.response().write(SubscribeResponse.newBuilder().setMessage(StreamRpcs.message(path, message)).build());
      next = StartAt.offset(message.offset() + 1);
      unasked++;
    }
    if (source != null && unasked >= WINDOW / 2 && !call.ended()) {
      int more = unasked;
      unasked = 0;
      source.request(more);
    }
  }

  private void ended(TributaryException error) {
    if (call.ended()) {
      return;
    }
    source = null;
    if (error instanceof NotFoundException) {
      // As the public server does it: it polls on, and says ten times a second that it failed.
      inBand(INTERNAL);
      unasked = 0;
      retry = time.schedule(RETRY, () -> call.onContext(this::connect));
    } else {
      call.fail(error);
    }
  }

  /** Comes from any thread; hands over to the call's context, as few times as it can. */
  private final class Observer implements SourceObserver<Message<byte[]>> {
    @Override
    public void onItem(Message<byte[]> message) {
      synchronized (arrived) {
        arrived.add(message);
        if (turnPlanned) {
          return;
        }
        turnPlanned = true;
      }
      call.context().runOnContext(turn -> write());
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      if (error != null) { // else it was closed because the call is over, and the event loop may be too
        call.context().runOnContext(turn -> ended(error));
      }
    }
  }
}
