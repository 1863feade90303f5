package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Position;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GoQueueDelayedTest extends GoQueueTest {
  private static final Instant NOON = Instant.parse("2030-01-02T12:00:00Z");

  @BeforeEach
  void waiting() {
    version("tributary test");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 2);
    topic.delay(0, 7, NOON.plusSeconds(3));
    topic.delay(1, 7, NOON.plusSeconds(1));
    topic.delay(1, 9, NOON.plusSeconds(2));
  }

  @Test
  void listsThoseThatAreDueFirst() throws Exception {
    assertThat(get(streams().delayed().list(NAME, 2, soon())))
        .containsExactly(new DelayedEvent(new Position(1, 7), NOON.plusSeconds(1)), new DelayedEvent(new Position(1, 9), NOON.plusSeconds(2)));
  }

  @Test
  void findsTheOneOfThatPartition() throws Exception {
    assertThat(get(streams().delayed().find(NAME, new Position(0, 7), soon()))).contains(new DelayedEvent(new Position(0, 7), NOON.plusSeconds(3)));
    assertThat(get(streams().delayed().find(NAME, new Position(0, 9), soon()))).isEmpty();
    failure(streams().delayed().find(NAME, new Position(2, 9), soon()), InvalidRequestException.class);
  }

  @Test
  void cancelsWhereThatDropsTheEvent() throws Exception {
    server.on("DELETE /topics/orders/delayed/1/9", "{'canceled':true,'topic':'orders','partition':1,'offset':9}");
    server.on("DELETE /topics/orders/delayed/1/8", q -> ScriptedHttp.Reply.error(404, "delayed message not found or already delivered"));
    get(streams().delayed().cancel(NAME, new Position(1, 9), soon()));
    failure(streams().delayed().cancel(NAME, new Position(1, 8), soon()), NotFoundException.class);
  }

  @Test
  void doesNotCancelWhereThatDeliversTheEvent() throws Exception {
    version("dev");
    failure(streams().delayed().cancel(NAME, new Position(1, 9), soon()), UnsupportedFeatureException.class);
    failure(streams().delayed().cancel(NAME, new Position(1, 8), soon()), NotFoundException.class);
    assertThat(server.asked).noneMatch(q -> q.line().startsWith("DELETE"));
  }

  @Test
  void aTopicThatIsNotThereIsNotFoundAlthoughTheServerListsNothing() throws Exception {
    server.on("GET /topics/orders", q -> ScriptedHttp.Reply.error(404, "topic not found"));
    server.on("GET /topics/orders/delayed", "{'topic':'orders','messages':[],'count':0}");
    failure(streams().delayed().list(NAME, 2, soon()), NotFoundException.class);
  }
}
