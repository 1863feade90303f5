package dev.tributary.testkit.server.disheap;

import static dev.tributary.testkit.server.disheap.DisheapClient.credits;
import static dev.tributary.testkit.server.disheap.DisheapClient.filter;
import static dev.tributary.testkit.server.disheap.DisheapClient.message;
import static dev.tributary.testkit.server.disheap.DisheapClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.health.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse.ServingStatus;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds for every rpc. */
@Timeout(60)
class DisheapServerTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private DisheapClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.disheap().createOnFirstUse(false).time(time).start();
    client = new DisheapClient(server);
    client.make("jobs");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void asksForAKeyExceptAboutHealth() {
    try (EmbeddedServer guarded = EmbeddedServer.disheap().createOnFirstUse(true).token("dh_1_s", "dh.2.s").time(time).start();
        DisheapClient peer = new DisheapClient(guarded)) {
      assertThat(unguarded(peer)).isEqualTo(GrpcStatus.UNAUTHENTICATED);
      assertThat(peer.pop(filter("jobs")).ended()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
      peer.raw.token = "dh_1_t";
      assertThat(unguarded(peer)).isEqualTo(GrpcStatus.UNAUTHENTICATED);
      assertThat(health(peer, "")).isEqualTo(ServingStatus.SERVING);
      peer.raw.token = "dh.2.s";
      assertThat(unguarded(peer)).isEqualTo(GrpcStatus.NOT_FOUND);
      assertThat(peer.receive("jobs", 1)).isEmpty();
    }
  }

  private static GrpcStatus unguarded(DisheapClient peer) {
    return peer.raw.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic("nowhere").build()).status();
  }

  @Test
  void tellsOfItsHealth() throws Exception {
    assertThat(health(client, "")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(client, "disheap.v1.Disheap")).isEqualTo(ServingStatus.SERVING);
    assertThat(client.raw.call(HealthMethods.CHECK, request("other")).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    var watch = client.raw.stream(HealthMethods.WATCH, request(""));
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    assertThat(watch.end).isNotDone();
    var unknown = client.raw.stream(HealthMethods.WATCH, request("other"));
    assertThat(unknown.next().getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    assertThat(unknown.end).isNotDone();
  }

  private static ServingStatus health(DisheapClient peer, String service) {
    return peer.raw.call(HealthMethods.CHECK, request(service)).ok().getStatus();
  }

  private static HealthCheckRequest request(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  @Test
  void refusesWhatItDoesNotKnowOrIsTooLarge() {
    Rpc<?, ?> unknown = Rpc.of("disheap.v1.Disheap", "Guess", HealthCheckRequest.getDefaultInstance(), HealthCheckRequest.getDefaultInstance());
    assertThat(RawClient.get(client.raw.send(unknown, Buffer.buffer())).status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    assertThat(RawClient.get(client.raw.send(DisheapMethods.ENQUEUE, Buffer.buffer(new byte[] {(byte) 0xff, 1, 2}))).status())
        .isEqualTo(GrpcStatus.INTERNAL);
    ByteString large = ByteString.copyFrom(new byte[4 << 20]);
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "").setPayload(large).build()).status())
        .isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
  }

  @Test
  void namesTheEncodingItDoesNotSpeak() {
    CompletableFuture<String> said = new CompletableFuture<>();
    client.raw
        .open("disheap.v1.Disheap", "Enqueue")
        .onSuccess(
            call -> {
              call.encoding("gzip");
              call.response()
                  .onSuccess(
                      response -> {
                        response.endHandler(
                            end -> said.complete(response.status().name() + " " + response.statusMessage()));
                        response.exceptionHandler(said::completeExceptionally);
                      })
                  .onFailure(said::completeExceptionally);
              call.endMessage(GrpcMessage.message("identity", Buffer.buffer(message("jobs", "a").build().toByteArray())));
            });
    assertThat(RawClient.get(said)).startsWith("UNIMPLEMENTED").contains("gzip");
  }

  @Test
  void failsAsItIsTold() {
    server.faults().fail("Enqueue", 1, GrpcStatus.UNAVAILABLE.code, "not now");
    RawClient.Reply<EnqueueResp> failed = client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "a").build());
    assertThat(failed.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    assertThat(failed.message()).isEqualTo("not now");
    server.faults().failApplied("Enqueue", 1, GrpcStatus.UNAVAILABLE.code, "lost");
    assertThat(client.raw.call(DisheapMethods.ENQUEUE, message("jobs", "b").build()).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    server.faults().fail("PopStream", 1, GrpcStatus.INTERNAL.code, "no stream");
    assertThat(client.pop(filter("jobs"), credits(1)).ended()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(text(client.receive("jobs"))).isEqualTo("b");
  }

  @Test
  void beginsAConversationAsLateAsItIsTold() throws Exception {
    server.faults().delay("PopStream", Duration.ofSeconds(1));
    client.enqueue("jobs", "a");
    var late = client.raw.sayAll(DisheapMethods.POP_STREAM, filter("jobs"), credits(1));
    // What is asked later is answered before it begins.
    client.peek(PeekReq.newBuilder().setTopic("jobs"));
    assertThat(late.end).isNotDone();
    time.advance(Duration.ofSeconds(1));
    assertThat(text(late.next())).isEqualTo("a");
    assertThat(late.ended()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void aRestartKeepsHeapsMessagesAndLeases() {
    client.enqueue("jobs", "a");
    PopItem item = client.receive("jobs");
    int port = server.port();
    server.stop();
    server.start();
    assertThat(server.port()).isEqualTo(port);
    try (DisheapClient again = new DisheapClient(server)) {
      assertThat(again.ack(item).status()).isEqualTo(GrpcStatus.OK);
    }
  }

  @Test
  void givesBackWhatAClientHadWhenItGoesAwayIfThatIsWanted() throws Exception {
    try (EmbeddedServer releasing = EmbeddedServer.disheap().createOnFirstUse(true).releaseOnDisconnect(true).time(time).start();
        DisheapClient peer = new DisheapClient(releasing)) {
      peer.enqueue("jobs", "acked");
      peer.enqueue("jobs", "a");
      peer.enqueue("jobs", "b");
      var stream = peer.pop(filter("jobs"), credits(2));
      assertThat(peer.ack(stream.next()).status()).isEqualTo(GrpcStatus.OK);
      assertThat(text(stream.next())).isEqualTo("a");
      // One that takes its leave keeps what it has.
      assertThat(text(peer.receive("jobs"))).isEqualTo("b");
      var waiting = peer.pop(filter("jobs"), credits(1));
      stream.cancel();
      PopItem again = waiting.next();
      assertThat(text(again)).isEqualTo("a");
      assertThat(again.getAttempts()).isEqualTo(2);
      assertThat(waiting.items).isEmpty();
    }
  }

  @Test
  void sendsClientsAway() throws Exception {
    var stream = client.pop(filter("jobs"), credits(1));
    client.enqueue("jobs", "a");
    assertThat(text(stream.next())).isEqualTo("a");
    server.faults().goAway();
    stream.finish();
    assertThat(stream.ended()).isEqualTo(GrpcStatus.OK);
    client.enqueue("jobs", "b");
    assertThat(text(client.receive("jobs"))).isEqualTo("b");
  }
}
