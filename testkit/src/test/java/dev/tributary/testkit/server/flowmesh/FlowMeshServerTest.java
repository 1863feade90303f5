package dev.tributary.testkit.server.flowmesh;

import static dev.tributary.testkit.server.flowmesh.Paths.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetConsumerGroupStateRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReserveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FlowMeshServerTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.flowmesh().time(time).start();
    client = new RawClient(server);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void keepsStreamsAsTheWireCountsThem() {
    assertThat(write("a", "b", "c").getOffsetsList()).containsExactly(0L, 1L, 2L);
    var read =
        client
            .call(FlowMeshMethods.READ_STREAM, ReadStreamRequest.newBuilder().setResourcePath(path("stream", "s")).setOffset(1).build())
            .ok();
    assertThat(read.getMessagesList()).extracting(m -> m.getPayload().toStringUtf8()).containsExactly("b", "c");
    assertThat(read.getMessages(0).getId()).matches("[0-9a-f]{32}").isNotEqualTo(read.getMessages(1).getId());
    assertThat(read.getMessages(0).getResourcePath()).isEqualTo("t/n/stream/s");

    assertThat(offset()).isEqualTo(-1);
    commit(1);
    assertThat(offset()).isEqualTo(1);
    var state =
        client
            .call(
                FlowMeshMethods.GET_CONSUMER_GROUP_STATE,
                GetConsumerGroupStateRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").build())
            .ok()
            .getState();
    assertThat(state.getCommittedOffset()).isEqualTo(1);
    assertThat(state.getLatestOffset()).isEqualTo(2);
    assertThat(state.getLag()).isEqualTo(1);
    commit(-1);
    assertThat(offset()).isEqualTo(-1);
  }

  @Test
  void subscribesFromCommittedLatestAndOffset() throws Exception {
    write("a", "b", "c");
    commit(0);
    var committed = client.stream(FlowMeshMethods.SUBSCRIBE, subscribe(-1));
    assertThat(payload(committed.next())).isEqualTo("b");
    assertThat(payload(committed.next())).isEqualTo("c");
    var first = client.stream(FlowMeshMethods.SUBSCRIBE, subscribe(0));
    assertThat(payload(first.next())).isEqualTo("a");
    write("d");
    assertThat(payload(committed.next())).isEqualTo("d");
    committed.cancel();
    write("e");
    assertThat(payload(first.next())).isEqualTo("b");
  }

  @Test
  void keepsASubscriptionToAPartitionThatIsNotThereOpenAndSilent() throws Exception {
    write("a");
    var nowhere = client.stream(FlowMeshMethods.SUBSCRIBE, subscribe(0).toBuilder().setPartition(7).build());
    var first = client.stream(FlowMeshMethods.SUBSCRIBE, subscribe(0));
    assertThat(payload(first.next())).isEqualTo("a");
    assertThat(nowhere.items).isEmpty();
    assertThat(nowhere.end).isNotDone();
  }

  @Test
  void tellsOfFailedPollsInBandAndGoesOn() throws Exception {
    write("a");
    var stream = client.stream(FlowMeshMethods.SUBSCRIBE, subscribe(0));
    assertThat(payload(stream.next())).isEqualTo("a");
    server.faults().inBand(13);
    SubscribeResponse status = stream.next();
    assertThat(status.getStatus().getCode()).isEqualTo(13);
    assertThat(status.hasMessage()).isFalse();
    write("b");
    assertThat(payload(stream.next())).isEqualTo("b");
  }

  @Test
  void deliversManyInOrderToAReaderOfManyPages() throws Exception {
    WriteEventsRequest.Builder batch = WriteEventsRequest.newBuilder().setResourcePath(path("stream", "s"));
    for (int i = 0; i < 2000; i++) {
      batch.addEvents(Event.newBuilder().setPayload(ByteString.copyFromUtf8("e" + i)));
    }
    client.call(FlowMeshMethods.WRITE_EVENTS, batch.build()).ok();
    var stream = client.stream(FlowMeshMethods.SUBSCRIBE, subscribe(0));
    for (int i = 0; i < 2000; i++) {
      assertThat(stream.next().getMessage().getOffset()).isEqualTo(i);
    }
  }

  @Test
  void countsAttemptsTwiceAndDeadLettersAtTheLimit() {
    enqueue("work");
    Job job = receive();
    assertThat(job.getAttempts()).isEqualTo(1);
    assertThat(nack(job).status()).isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofSeconds(1));
    job = receive();
    assertThat(job.getAttempts()).isEqualTo(3);
    assertThat(nack(job).status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);

    var listed =
        client
            .call(FlowMeshMethods.LIST_DLQ_JOBS, ListDLQJobsRequest.newBuilder().setResourcePath(path("queue", "q")).build())
            .ok();
    assertThat(listed.getStatus()).isEqualTo(Status.getDefaultInstance());
    assertThat(listed.getJobsCount()).isEqualTo(1);
    assertThat(listed.getJobs(0).getCreatedAt()).isEqualTo(time.now().getEpochSecond());
    Job dead =
        client
            .call(FlowMeshMethods.RECEIVE, ReceiveRequest.newBuilder().setResourcePath(path("queue", "q-dlq")).build())
            .ok()
            .getJobs(0);
    assertThat(dead.getHeadersMap())
        .containsEntry("x-flowmesh-original-queue", "t/n/queue/q")
        .containsEntry("x-flowmesh-original-job-id", job.getId())
        .containsEntry("x-flowmesh-attempts", "3")
        .containsKey("x-flowmesh-failed-at");
  }

  @Test
  void acksAnythingAndNacksOnlyWhatIsInFlight() {
    enqueue("work");
    Job job = receive();
    assertThat(ack(job.getId())).isEqualTo(GrpcStatus.OK);
    assertThat(ack(job.getId())).isEqualTo(GrpcStatus.OK);
    assertThat(ack("unknown")).isEqualTo(GrpcStatus.OK);
    assertThat(nack(job).status()).isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void answersReserveOnAnEmptyQueueWithoutAJob() {
    var reserved =
        client.call(FlowMeshMethods.RESERVE, ReserveRequest.newBuilder().setResourcePath(path("queue", "q")).build()).ok();
    assertThat(reserved.hasJob()).isFalse();
  }

  @Test
  void deliversIntoALongPoll() {
    enqueue("first");
    receive();
    var waiting =
        client.start(
            FlowMeshMethods.RECEIVE,
            ReceiveRequest.newBuilder().setResourcePath(path("queue", "q")).setLongPollTimeoutSeconds(20).build());
    enqueue("second");
    assertThat(RawClient.get(waiting).ok().getJobs(0).getPayload().toStringUtf8()).isEqualTo("second");
  }

  @Test
  void echoesTheDefaultPolicy() {
    enqueue("work");
    var policy =
        client
            .call(FlowMeshMethods.GET_RETRY_POLICY, GetRetryPolicyRequest.newBuilder().setResourcePath(path("queue", "q")).build())
            .ok()
            .getPolicy();
    assertThat(policy).isEqualTo(RetryPolicies.WIRE_DEFAULT);
  }

  @Test
  void keepsKeysUntilTheirTimeIsUp() {
    SetRequest.Builder set =
        SetRequest.newBuilder().setResourcePath(path("kv", "k")).setKey("a").setValue(ByteString.copyFromUtf8("1"));
    client.call(FlowMeshMethods.SET, set.setTtlSeconds(5).build()).ok();
    GetRequest get = GetRequest.newBuilder().setResourcePath(path("kv", "k")).setKey("a").build();
    assertThat(client.call(FlowMeshMethods.GET, get).ok().getValue().toStringUtf8()).isEqualTo("1");
    time.advance(Duration.ofSeconds(5));
    assertThat(client.call(FlowMeshMethods.GET, get).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(client.call(FlowMeshMethods.SET, set.setTtlSeconds(31_536_001).build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.call(FlowMeshMethods.SET, set.clearValue().build()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void saysWhatIsMissingWithItsOddCodes() {
    try (EmbeddedServer strict = EmbeddedServer.flowmesh().createOnFirstUse(false).start();
        RawClient peer = new RawClient(strict)) {
      var read = peer.call(FlowMeshMethods.READ_STREAM, ReadStreamRequest.newBuilder().setResourcePath(path("stream", "s")).build());
      assertThat(read.status()).isEqualTo(GrpcStatus.NOT_FOUND);
      var commit =
          peer.call(
              FlowMeshMethods.COMMIT_OFFSET,
              CommitOffsetRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").build());
      assertThat(commit.status()).isEqualTo(GrpcStatus.INTERNAL);
      assertThat(commit.message()).contains("stream not found");
      var letters =
          peer.call(FlowMeshMethods.LIST_DLQ_JOBS, ListDLQJobsRequest.newBuilder().setResourcePath(path("queue", "q")).build());
      assertThat(letters.status()).isEqualTo(GrpcStatus.INTERNAL);
      assertThat(letters.message()).contains("queue not found");
    }
    var wrong = client.call(FlowMeshMethods.READ_STREAM, ReadStreamRequest.newBuilder().setResourcePath(path("queue", "s")).build());
    assertThat(wrong.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.call(FlowMeshMethods.READ_STREAM, ReadStreamRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
  }

  @Test
  void asksForATokenButNotForHealthAndSubscriptions() throws Exception {
    try (EmbeddedServer guarded = EmbeddedServer.flowmesh().token("secret").start();
        RawClient peer = new RawClient(guarded)) {
      assertThat(guarded.uri())
          .isEqualTo("flowmesh://127.0.0.1:" + guarded.port() + "?flowmesh.http=127.0.0.1:" + guarded.httpPort());
      GetOffsetRequest request = GetOffsetRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").build();
      assertThat(peer.call(FlowMeshMethods.HEALTH_CHECK, HealthCheckRequest.getDefaultInstance()).status()).isEqualTo(GrpcStatus.OK);
      assertThat(peer.call(FlowMeshMethods.GET_OFFSET, request).status()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
      var stream = peer.stream(FlowMeshMethods.SUBSCRIBE, subscribe(0));
      peer.token = "wrong";
      assertThat(peer.call(FlowMeshMethods.GET_OFFSET, request).status()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
      peer.token = "secret";
      assertThat(peer.call(FlowMeshMethods.GET_OFFSET, request).status()).isEqualTo(GrpcStatus.OK);
      peer.call(FlowMeshMethods.WRITE_EVENTS, events("a")).ok();
      assertThat(payload(stream.next())).isEqualTo("a");
    }
  }

  @Test
  void failsCallsAsPlanned() {
    server.faults().fail("WriteEvents", 1, 14, "down for now");
    var failed = client.call(FlowMeshMethods.WRITE_EVENTS, events("a"));
    assertThat(failed.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    assertThat(failed.message()).isEqualTo("down for now");
    server.faults().failApplied("WriteEvents", 1, 14, "reply lost");
    assertThat(client.call(FlowMeshMethods.WRITE_EVENTS, events("b")).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    assertThat(write("c").getOffsetsList()).containsExactly(1L);
  }

  @Test
  void restartsOnTheSamePortWithEverything() {
    write("a");
    int port = server.port();
    server.stop();
    server.stop();
    server.start();
    assertThat(server.port()).isEqualTo(port);
    try (RawClient again = new RawClient(server)) {
      assertThat(again.call(FlowMeshMethods.WRITE_EVENTS, events("b")).ok().getOffsetsList()).containsExactly(1L);
    }
  }

  @Test
  void goesOnServingOthersWhateverOneSends() throws Exception {
    assertThat(RawClient.get(client.send(FlowMeshMethods.WRITE_EVENTS, Buffer.buffer(new byte[] {(byte) 0xff, 1, 2}))).status())
        .isEqualTo(GrpcStatus.INTERNAL);
    var huge = client.call(FlowMeshMethods.WRITE_EVENTS, events("x".repeat(4 << 20)));
    assertThat(huge.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
    try (Socket garbage = new Socket(server.host(), server.port())) {
      garbage.getOutputStream().write("not a protocol\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(garbage.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).contains("400");
    }
    var unknown = RawClient.get(client.send(dev.tributary.vertx.internal.net.grpc.Rpc.of(
        "flowmesh.v1.StreamService", "Unknown", HealthCheckRequest.getDefaultInstance(), Status.getDefaultInstance()), Buffer.buffer()));
    assertThat(unknown.status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(write("fine").getOffsetsList()).containsExactly(0L);
  }

  @Test
  void listsOverHttp() throws Exception {
    write("a");
    commit(0);
    assertThat(http("/health").body()).contains("200");
    assertThat(http("/ready").statusCode()).isEqualTo(200);
    assertThat(http("/metrics").body()).contains("flowmesh_");
    assertThat(http("/api/v1/streams").statusCode()).isEqualTo(301);
    assertThat(http("/api/v1/streams/").body()).contains("\"name\":\"s\"");
    assertThat(http("/api/v1/streams/?tenant=other").body()).contains("\"streams\":[]");
    assertThat(http("/api/v1/streams/t/n/s/consumer-groups").body()).contains("\"group\":\"g\"", "\"committed_offset\":0");
    assertThat(http("/api/v1/nothing").statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> http(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + server.host() + ":" + server.httpPort() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static WriteEventsRequest events(String... payloads) {
    WriteEventsRequest.Builder request = WriteEventsRequest.newBuilder().setResourcePath(path("stream", "s"));
    for (String payload : payloads) {
      request.addEvents(Event.newBuilder().setPayload(ByteString.copyFromUtf8(payload)));
    }
    return request.build();
  }

  private dev.tributary.vertx.internal.flowmesh.proto.WriteEventsResponse write(String... payloads) {
    return client.call(FlowMeshMethods.WRITE_EVENTS, events(payloads)).ok();
  }

  private static SubscribeRequest subscribe(long start) {
    return SubscribeRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").setStartOffset(start).build();
  }

  private static String payload(SubscribeResponse response) {
    return response.getMessage().getPayload().toStringUtf8();
  }

  private long offset() {
    return client
        .call(
            FlowMeshMethods.GET_OFFSET,
            GetOffsetRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").build())
        .ok()
        .getOffset();
  }

  private void commit(long offset) {
    client
        .call(
            FlowMeshMethods.COMMIT_OFFSET,
            CommitOffsetRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("g").setOffset(offset).build())
        .ok();
  }

  @Test
  void whatNobodyBeganIsNoAttempt() {
    enqueue("a");
    client.untried = true;
    for (int i = 0; i < 10; i++) {
      Job job = receive();
      assertThat(job.getAttempts()).isEqualTo(1);
      assertThat(nack(job).status()).isEqualTo(GrpcStatus.OK);
      assertThat(nack(job).status()).as("again").isEqualTo(GrpcStatus.NOT_FOUND);
    }
    client.untried = false;
    assertThat(nack(receive()).status()).isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofMinutes(1));
    assertThat(receive().getAttempts()).isGreaterThan(1);
  }

  private void enqueue(String payload) {
    client
        .call(
            FlowMeshMethods.ENQUEUE,
            EnqueueRequest.newBuilder().setResourcePath(path("queue", "q")).setPayload(ByteString.copyFromUtf8(payload)).build())
        .ok();
  }

  private Job receive() {
    return client
        .call(FlowMeshMethods.RECEIVE, ReceiveRequest.newBuilder().setResourcePath(path("queue", "q")).build())
        .ok()
        .getJobs(0);
  }

  private GrpcStatus ack(String id) {
    return client.call(FlowMeshMethods.ACK, ACKRequest.newBuilder().setResourcePath(path("queue", "q")).setJobId(id).build()).status();
  }

  private RawClient.Reply<?> nack(Job job) {
    return client.call(
        FlowMeshMethods.NACK, NACKRequest.newBuilder().setResourcePath(path("queue", "q")).setJobId(job.getId()).build());
  }
}
