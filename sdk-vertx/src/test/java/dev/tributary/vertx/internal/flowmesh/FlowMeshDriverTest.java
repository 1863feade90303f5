package dev.tributary.vertx.internal.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueResponse;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsResponse;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FlowMeshDriverTest {
  static final ResourceName NAME = new ResourceName("t", "n", "orders");
  static Vertx vertx;

  final ScriptedServer server = new ScriptedServer(vertx);
  Transport driver;

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
    if (driver != null) {
      get(driver.close());
    }
    server.close();
  }

  void connect() {
    int port = server.listen();
    driver = new FlowMeshProvider().open(ClientConfig.builder("flowmesh").endpoint("localhost", port).token("secret").build());
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  static Deadline soon() {
    return Deadline.after(dev.tributary.spi.TimeSource.system(), Duration.ofSeconds(20));
  }

  @Test
  void publishesABatchInOneCallWithTheKeyAsAHeader() throws Exception {
    server.answer(FlowMeshMethods.WRITE_EVENTS, q -> WriteEventsResponse.newBuilder().addOffsets(4).addOffsets(5).build());
    connect();

    List<Outcome<Position>> positions =
        get(driver.streams().orElseThrow().publish(NAME, List.of(Event.builder(new byte[] {1}).key("k").build(), Event.of(new byte[] {2})), soon()));

    assertThat(positions).extracting(Outcome::orThrow).containsExactly(new Position(0, 4), new Position(0, 5));
    WriteEventsRequest asked = server.asked(WriteEventsRequest.class).get(0);
    assertThat(asked.getEvents(0).getHeadersMap()).containsEntry("tributary-key", "k");
    assertThat(asked.getResourcePath().getResourceType()).isEqualTo("stream");
  }

  @Test
  void enqueuesABatchInItsOrder() throws Exception {
    server.answer(
        FlowMeshMethods.ENQUEUE, q -> EnqueueResponse.newBuilder().setJobId("j" + q.getPayload().byteAt(0)).setSeq(q.getPayload().byteAt(0)).build());
    connect();

    var results =
        get(
            driver
                .queues()
                .orElseThrow()
                .enqueue(NAME, List.of(NewJob.of(new byte[] {1}), NewJob.builder(new byte[] {2}).delay(Duration.ofMillis(1500)).build()), false, soon()));

    assertThat(results).extracting(r -> r.orThrow().id()).containsExactly("j1", "j2");
    assertThat(server.asked(EnqueueRequest.class)).extracting(EnqueueRequest::getDelaySeconds).containsExactly(0L, 2L);
    assertThat(server.asked(EnqueueRequest.class).get(0).getPayload()).isEqualTo(ByteString.copyFrom(new byte[] {1}));
  }
}
