package dev.tributary.vertx.internal.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueResponse;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.NACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.net.grpc.ScriptedServer;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Settling by the job's id alone: only within the lease, by a clock that the test moves. */
class FlowMeshLeasesTest {
  private static final ResourceName NAME = new ResourceName("t", "n", "orders");
  private static Vertx vertx;

  private final ScriptedServer server = new ScriptedServer(vertx);
  private final BlockingQueue<String> nacked = new LinkedBlockingQueue<>();
  private final MovedClock clock = new MovedClock();
  private Transport driver;

  /** The system's, moved on by the test; timers do not take part. */
  private static final class MovedClock implements TimeSource {
    private volatile long nanos;
    private volatile Duration wall = Duration.ZERO;

    @Override
    public Instant now() {
      return TimeSource.system().now().plus(wall);
    }

    @Override
    public long nanos() {
      return TimeSource.system().nanos() + nanos;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return TimeSource.system().schedule(delay, task);
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

  @BeforeEach
  void connect() {
    server
        .answer(FlowMeshMethods.ACK, q -> ACKResponse.getDefaultInstance())
        .answer(FlowMeshMethods.GET_RETRY_POLICY, q -> FlowMeshDriverTest.policy(3))
        .answer(FlowMeshMethods.LIST_DLQ_JOBS, q -> ListDLQJobsResponse.getDefaultInstance())
        .answer(FlowMeshMethods.ENQUEUE, q -> EnqueueResponse.newBuilder().setJobId("copy").build())
        .on(
            FlowMeshMethods.NACK,
            (q, call) -> {
              nacked.add(q.getJobId() + " " + q.getDelaySeconds() + " " + call.headers().get("tributary-release"));
              call.response().end(NACKResponse.getDefaultInstance());
            });
    driver = new FlowMeshProvider().open(ClientConfig.builder("flowmesh").endpoint("127.0.0.1", server.listen()).time(clock).build());
  }

  @AfterEach
  void closeBoth() throws Exception {
    get(driver.close());
    server.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    String item = queue.poll(20, TimeUnit.SECONDS);
    assertThat(item).isNotNull();
    return item;
  }

  private QueueTransport queues() {
    return driver.queues().orElseThrow();
  }

  private Deadline in(int seconds) {
    return Deadline.after(clock, Duration.ofSeconds(seconds));
  }

  private void pass(Duration time) {
    clock.nanos += time.toNanos();
  }

  private LeasedJob leased(String id, Deadline end) {
    return new LeasedJob(id, "", new byte[] {1}, Map.of(), 1, 0, null, end, OptionalLong.empty());
  }

  private CompletableFuture<List<Outcome<Settlement.Result>>> settle(Settlement.Kind kind, LeasedJob... jobs) {
    return queues().settle(NAME, Arrays.stream(jobs).map(job -> new Settlement(kind, job, null, null)).toList(), in(60));
  }

  private static TributaryException error(CompletableFuture<List<Outcome<Settlement.Result>>> settled) throws Exception {
    TributaryException error = get(settled).get(0).error();
    assertThat(error).isNotNull();
    return error;
  }

  private CompletableFuture<List<LeasedJob>> receive(int max) {
    return queues().receive(NAME, max, Duration.ofSeconds(30), Duration.ZERO, in(60));
  }

  private static Job job(String id) {
    return Job.newBuilder().setId(id).setPayload(ByteString.copyFromUtf8("x")).setAttempts(1).build();
  }

  @ParameterizedTest
  @EnumSource(value = Settlement.Kind.class, names = "EXTEND", mode = EnumSource.Mode.EXCLUDE)
  void nothingIsSentAfterTheLeaseEnded(Settlement.Kind kind) throws Exception {
    LeasedJob job = leased("late", in(30));
    pass(Duration.ofSeconds(31));
    TributaryException error = error(settle(kind, job));
    assertThat(error).isInstanceOf(LeaseLostException.class);
    assertThat(error.maybeApplied()).isFalse();
    assertThat(server.asked).isEmpty();
  }

  @Test
  void theWallClockHasNoSayInIt() throws Exception {
    server.answer(FlowMeshMethods.RECEIVE, q -> ReceiveResponse.newBuilder().addJobs(job("a")).build());
    LeasedJob job = get(receive(1)).get(0);
    for (Duration wall : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
      clock.wall = wall;
      assertThat(get(settle(Settlement.Kind.ACK, job)).get(0).orThrow()).isEqualTo(Settlement.Result.DONE);
    }
  }

  @Test
  void whatIsAnsweredAfterTheEndMayHaveBeenDone() throws Exception {
    CompletableFuture<GrpcServerRequest<ACKRequest, ACKResponse>> asked = new CompletableFuture<>();
    server.on(FlowMeshMethods.ACK, (q, call) -> asked.complete(call));
    CompletableFuture<List<Outcome<Settlement.Result>>> acked = settle(Settlement.Kind.ACK, leased("a", in(30)));
    GrpcServerRequest<ACKRequest, ACKResponse> ack = get(asked);
    assertThat(ack.timeout()).isBetween(1L, 30_000L);
    pass(Duration.ofSeconds(31));
    ack.response().end(ACKResponse.getDefaultInstance());
    TributaryException error = error(acked);
    assertThat(error).isInstanceOf(LeaseLostException.class);
    assertThat(error.maybeApplied()).isTrue();
  }

  @Test
  void aRejectionWhoseLeaseEndsBehindTheCopyTakesTheJobFromNobody() throws Exception {
    server.answer(
        FlowMeshMethods.ENQUEUE,
        q -> {
          pass(Duration.ofSeconds(31));
          return EnqueueResponse.newBuilder().setJobId("copy").build();
        });
    TributaryException error = error(settle(Settlement.Kind.REJECT, leased("a", in(30))));
    assertThat(error).isInstanceOf(LeaseLostException.class);
    assertThat(error.maybeApplied()).isTrue();
    assertThat(server.asked(EnqueueRequest.class)).hasSize(1);
    assertThat(server.asked(ACKRequest.class)).isEmpty();
  }

  @Test
  void aReleaseIsANackThatSaysThatNobodyBegan() throws Exception {
    assertThat(get(settle(Settlement.Kind.RELEASE, leased("a", in(30)))).get(0).orThrow().deadLettered()).isFalse();
    assertThat(next(nacked)).isEqualTo("a 1 1");
    get(settle(Settlement.Kind.NACK, leased("b", in(30))));
    assertThat(next(nacked)).isEqualTo("b 0 null");
  }

  @Test
  void aSettlementsErrorIsItsOwn() throws Exception {
    server.answer(
        FlowMeshMethods.ACK,
        q -> {
          throw FlowMeshDriverTest.refusal(GrpcStatus.UNAVAILABLE, "no");
        });
    List<Outcome<Settlement.Result>> outcomes = get(settle(Settlement.Kind.ACK, leased("a", in(30)), leased("b", in(30))));
    assertThat(outcomes).extracting(Outcome::error).allMatch(ConnectionFailedException.class::isInstance).doesNotHaveDuplicates();
  }

  @Test
  void whatIsNoJobOrOneTooManyIsNotTheOthersFault() throws Exception {
    server.answer(
        FlowMeshMethods.RECEIVE,
        q ->
            ReceiveResponse.newBuilder()
                .addJobs(job(""))
                .addJobs(job("unreadable").toBuilder().clearPayload())
                .addJobs(job("a").toBuilder().setAttempts(-7))
                .addJobs(job("more"))
                .build());
    List<LeasedJob> jobs = get(receive(1));
    assertThat(jobs).extracting(LeasedJob::id).containsExactly("a");
    assertThat(jobs.get(0).attempt()).isEqualTo(1);
    assertThat(List.of(next(nacked), next(nacked))).containsExactlyInAnyOrder("unreadable 0 null", "more 1 1");
  }

  @Test
  void aCloseWaitsForWhatMayBeTakenAndGivesItBack() throws Exception {
    CompletableFuture<GrpcServerRequest<ReceiveRequest, ReceiveResponse>> asked = new CompletableFuture<>();
    server.on(FlowMeshMethods.RECEIVE, (q, call) -> asked.complete(call));
    CompletableFuture<List<LeasedJob>> receiving = receive(1);
    GrpcServerRequest<ReceiveRequest, ReceiveResponse> receive = get(asked);
    receiving.cancel(true);
    CompletableFuture<Void> closed = driver.close();
    receive.response().end(ReceiveResponse.newBuilder().addJobs(job("a")).build());
    assertThat(next(nacked)).isEqualTo("a 1 1");
    get(closed);
  }

  @Test
  void aServerIsNotToldToGiveUpWhatItMayBeLeasing() throws Exception {
    CompletableFuture<Long> timeout = new CompletableFuture<>();
    server.on(
        FlowMeshMethods.RECEIVE,
        (q, call) -> {
          timeout.complete(call.timeout());
          call.response().end(ReceiveResponse.getDefaultInstance());
        });
    get(queues().receive(NAME, 1, Duration.ofSeconds(30), Duration.ZERO, in(10)));
    assertThat(get(timeout)).isGreaterThan(20_000);
    assertThat(server.asked(NACKRequest.class)).isEmpty();
  }
}
