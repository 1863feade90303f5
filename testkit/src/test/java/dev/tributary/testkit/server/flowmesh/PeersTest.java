package dev.tributary.testkit.server.flowmesh;

import static dev.tributary.testkit.server.flowmesh.Paths.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.ResourceName;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Source;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReserveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls whose peers, or whose server, do not do their part. */
@Timeout(60)
class PeersTest {
  private static final ResourceName QUEUE = new ResourceName("t", "n", "q");
  private static final String HEALTH = FlowMeshMethods.HEALTH_CHECK.path();

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).build();
  private final Transport memory = engine.connect();
  private EmbeddedServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    serve(EmbeddedServer.flowmesh().transport(memory));
  }

  private void serve(EmbeddedServer.Builder settings) {
    server = settings.time(time).start();
    client = new RawClient(server);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    engine.close();
  }

  private void replace(EmbeddedServer.Builder settings) {
    client.close();
    server.close();
    serve(settings);
  }

  @Test
  void endsCallsWithBrokenFrames() {
    try (RawFrames frames = new RawFrames(server)) {
      assertThat(frames.status(HEALTH, RawFrames.frame(0, 0, new byte[0]))).isEqualTo("0");
      assertThat(frames.status(HEALTH, RawFrames.frame(0, 100, new byte[3]))).as("truncated").isEqualTo(code(GrpcStatus.INTERNAL));
      assertThat(frames.status(HEALTH, Buffer.buffer(new byte[] {0, 0}))).as("half a head").isEqualTo(code(GrpcStatus.INTERNAL));
      assertThat(frames.status(HEALTH, Buffer.buffer())).as("nothing").isEqualTo(code(GrpcStatus.INTERNAL));
      assertThat(frames.status(HEALTH, RawFrames.frame(1, 3, new byte[3])))
          .as("compressed, without saying how")
          .isEqualTo(code(GrpcStatus.INTERNAL));
      assertThat(frames.status("/flowmesh.v1.HealthService/Nothing", RawFrames.frame(0, 0, new byte[0])))
          .isEqualTo(code(GrpcStatus.UNIMPLEMENTED));
      assertThat(frames.status(HEALTH, RawFrames.frame(0, 0, new byte[0]))).as("afterwards").isEqualTo("0");
    }
  }

  @Test
  void hangsUpOnBytesThatAreNotHttp() throws Exception {
    for (byte[] bytes : List.of(new byte[64], "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nand then something else".getBytes("US-ASCII"))) {
      try (Socket socket = new Socket(server.host(), server.port())) {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(bytes);
        socket.shutdownOutput();
        InputStream answer = socket.getInputStream();
        assertThat(answer.readAllBytes()).as("an end, whatever is said before").isNotNull();
      }
    }
    health();
  }

  @Test
  void cancellingACallReachesTheTransport() throws Exception {
    CompletableFuture<List<?>> never = new CompletableFuture<>();
    CountDownLatch asked = new CountDownLatch(1);
    replace(EmbeddedServer.flowmesh().transport(with(QueueTransport.class, (method, call) -> {
      if (!method.equals("receive")) {
        return call.run();
      }
      asked.countDown();
      return never;
    })));
    GrpcClientRequest<Buffer, Buffer> receive = open();
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    receive.cancel();
    assertThat(never).failsWithin(Duration.ofSeconds(20)).withThrowableOfType(CancellationException.class);
  }

  @Test
  void losingAConnectionReachesTheTransport() throws Exception {
    CompletableFuture<List<?>> never = new CompletableFuture<>();
    CountDownLatch asked = new CountDownLatch(1);
    replace(EmbeddedServer.flowmesh().transport(with(QueueTransport.class, (method, call) -> {
      if (!method.equals("receive")) {
        return call.run();
      }
      asked.countDown();
      return never;
    })));
    try (RawClient mortal = new RawClient(server)) {
      mortal.start(FlowMeshMethods.RECEIVE, receive());
      assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(never).failsWithin(Duration.ofSeconds(20)).withThrowableOfType(CancellationException.class);
  }

  /** The transport leases although the call was cancelled: too late for it to know. */
  @Test
  void givesBackJobsThatNoClientHeardOf() throws Exception {
    enqueue("work");
    CompletableFuture<Object> held = new CompletableFuture<>() {
      @Override
      public boolean cancel(boolean interrupt) {
        return false;
      }
    };
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch settled = new CountDownLatch(1);
    replace(EmbeddedServer.flowmesh().transport(with(QueueTransport.class, (method, call) -> {
      if (method.equals("receive") && asked.getCount() > 0) {
        asked.countDown();
        return held;
      }
      Object result = call.run();
      if (method.equals("settle")) {
        settled.countDown();
      }
      return result;
    })));
    GrpcClientRequest<Buffer, Buffer> lost = open();
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    lost.cancel();
    // A call on the same connection is answered after the cancellation has been dealt with.
    health();
    Deadline deadline = Deadline.after(time, Duration.ofDays(1));
    held.complete(memory.queues().orElseThrow().receive(QUEUE, 1, Duration.ofHours(12), Duration.ZERO, deadline).join());
    assertThat(settled.await(20, TimeUnit.SECONDS)).as("given back").isTrue();
    ReceiveResponse again = client.call(FlowMeshMethods.RECEIVE, receive()).ok();
    assertThat(again.getJobsList()).as("at once, not when the lease ends").hasSize(1);
    assertThat(again.getJobs(0).getPayload().toStringUtf8()).isEqualTo("work");
  }

  @Test
  void asksATransportForNoMoreThanAReaderTakes() throws Exception {
    WriteEventsRequest.Builder batch = WriteEventsRequest.newBuilder().setResourcePath(path("stream", "s"));
    for (int i = 0; i < 100; i++) {
      batch.addEvents(Event.newBuilder().setPayload(ByteString.copyFromUtf8("x".repeat(10_000))));
    }
    AtomicLong demand = new AtomicLong();
    replace(EmbeddedServer.flowmesh().transport(with(StreamTransport.class, (method, call) -> {
      Object result = call.run();
      return method.equals("subscribe") ? counted((Source) result, demand) : result;
    })));
    for (int i = 0; i < 10; i++) {
      client.call(FlowMeshMethods.WRITE_EVENTS, batch.build()).ok();
    }
    CompletableFuture<Object> opened = new CompletableFuture<>();
    RawClient stalled = new RawClient(server);
    stalled
        .open(FlowMeshMethods.SUBSCRIBE.service(), FlowMeshMethods.SUBSCRIBE.name())
        .onSuccess(
            request -> {
              request.endMessage(GrpcMessage.message("identity", Buffer.buffer(subscribe().toByteArray())));
              request.response().onSuccess(response -> {
                response.pause();
                opened.complete(response);
              });
            });
    RawClient.get(opened);
    // A thousand messages of 10 kB are there. What the windows of HTTP/2 and the buffers of the server take is asked for, no more.
    for (int i = 0; i < 20; i++) {
      health();
    }
    assertThat(demand.get()).isBetween(1L, 400L);
    stalled.close();
  }

  @Test
  void delaysRepliesByItsOwnTime() {
    server.faults().delay("HealthCheck", Duration.ofMinutes(5));
    CompletableFuture<?> late = client.start(FlowMeshMethods.HEALTH_CHECK, HealthCheckRequest.getDefaultInstance());
    enqueue("another rpc");
    assertThat(late).isNotDone();
    time.advance(Duration.ofMinutes(5));
    RawClient.get(late);
    server.faults().clear();
    health();
  }

  @Test
  void finishesWhatIsUnderWayAfterGoAway() {
    server.faults().delay("HealthCheck", Duration.ofMinutes(5));
    CompletableFuture<RawClient.Reply<HealthCheckResponse>> before =
        client.start(FlowMeshMethods.HEALTH_CHECK, HealthCheckRequest.getDefaultInstance());
    enqueue("on the same connection, so the call above has arrived");
    server.faults().goAway();
    try (RawClient other = new RawClient(server)) {
      other.call(FlowMeshMethods.GET, GetRequest.getDefaultInstance());
    }
    time.advance(Duration.ofMinutes(5));
    assertThat(RawClient.get(before).status()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void reservesWithoutWaitingAndFailsOnAnEmptyQueueIfToldTo() {
    ReserveRequest reserve =
        ReserveRequest.newBuilder().setResourcePath(path("queue", "q")).setLongPollTimeoutSeconds(20).build();
    assertThat(client.call(FlowMeshMethods.RESERVE, reserve).ok().hasJob()).isFalse();
    replace(EmbeddedServer.flowmesh().transport(memory).emulate(Quirk.RESERVE_ON_EMPTY_FAILS));
    assertThat(client.call(FlowMeshMethods.RESERVE, reserve).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    enqueue("work");
    assertThat(client.call(FlowMeshMethods.RESERVE, reserve).ok().hasJob()).isTrue();
  }

  @Test
  void failsALongPollIntoWhichAJobArrivesIfToldTo() {
    replace(EmbeddedServer.flowmesh().transport(memory).emulate(Quirk.LONG_POLL_FAILS));
    enqueue("first");
    ReceiveRequest wait = receive().toBuilder().setLongPollTimeoutSeconds(20).build();
    assertThat(client.call(FlowMeshMethods.RECEIVE, wait).ok().getJobsCount()).as("ready at once").isEqualTo(1);
    CompletableFuture<RawClient.Reply<ReceiveResponse>> waiting = client.start(FlowMeshMethods.RECEIVE, wait);
    enqueue("second");
    assertThat(RawClient.get(waiting).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    CompletableFuture<RawClient.Reply<ReceiveResponse>> empty = client.start(FlowMeshMethods.RECEIVE, wait);
    health();
    time.advance(Duration.ofSeconds(20));
    assertThat(RawClient.get(empty).ok().getJobsCount()).isZero();
  }

  private void health() {
    client.call(FlowMeshMethods.HEALTH_CHECK, HealthCheckRequest.getDefaultInstance()).ok();
  }

  private void enqueue(String payload) {
    client
        .call(
            FlowMeshMethods.ENQUEUE,
            EnqueueRequest.newBuilder().setResourcePath(path("queue", "q")).setPayload(ByteString.copyFromUtf8(payload)).build())
        .ok();
  }

  private static ReceiveRequest receive() {
    return ReceiveRequest.newBuilder().setResourcePath(path("queue", "q")).build();
  }

  private static SubscribeRequest subscribe() {
    return SubscribeRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").build();
  }

  private GrpcClientRequest<Buffer, Buffer> open() {
    return RawClient.get(
        client
            .open(FlowMeshMethods.RECEIVE.service(), FlowMeshMethods.RECEIVE.name())
            .onSuccess(request -> request.endMessage(GrpcMessage.message("identity", Buffer.buffer(receive().toByteArray()))))
            .toCompletionStage()
            .toCompletableFuture());
  }

  private static String code(GrpcStatus status) {
    return Integer.toString(status.code);
  }

  /** What happens in place of a call to a role of the transport. */
  private interface Interception {
    Object call(String method, Call call) throws Throwable;
  }

  private interface Call {
    Object run() throws Throwable;
  }

  private Transport with(Class<?> role, Interception interception) {
    return proxy(
        Transport.class,
        memory,
        (name, call) -> {
          Object result = call.run();
          return result instanceof Optional<?> there && there.isPresent() && role.isInstance(there.get())
              ? Optional.of(proxy(role, there.get(), interception))
              : result;
        });
  }

  private static Source counted(Source source, AtomicLong demand) {
    return proxy(
        StreamSource.class,
        source,
        (name, call) -> call.run(),
        arguments -> demand.addAndGet(arguments != null && arguments.length == 1 && arguments[0] instanceof Long n ? n : 0));
  }

  private static <T> T proxy(Class<T> type, Object target, Interception interception) {
    return proxy(type, target, interception, arguments -> {});
  }

  private static <T> T proxy(Class<T> type, Object target, Interception interception, Consumer<Object[]> watch) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          watch.accept(arguments);
          return interception.call(
              method.getName(),
              () -> {
                try {
                  return method.invoke(target, arguments);
                } catch (InvocationTargetException failed) {
                  throw failed.getCause();
                }
              });
        };
    return type.cast(Proxy.newProxyInstance(PeersTest.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
