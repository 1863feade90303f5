package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.ErrorStyle;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import io.netty.buffer.ByteBufUtil;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many requests at once, and many connections: answers in order, and no more held than can be answered. */
class FlyMqPipelineTest extends FlyMqTopic {
  private static final int MANY = 100_000;

  @Test
  void answersComeInTheOrderOfRequestsWithErrorsAmongThem() throws Exception {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    Thread sender =
        new Thread(
            () -> {
              for (int i = 0; i < MANY; i++) {
                switch (i % 5) {
                  case 0 -> client.send(Opcode.PRODUCE, FlyMqClient.record("t", "", "v" + i, -1));
                  case 1 -> client.send(Opcode.CONSUME, new Requests.Consume("missing-" + i, 0, 0));
                  case 2 -> client.send(Opcode.CONSUME, new Requests.Consume("t", 0, i / 5));
                  case 3 -> client.send(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "", 0, "mode-" + i));
                  default -> client.send(Opcode.WHOAMI, Message.EMPTY);
                }
              }
            });
    sender.start();
    for (int i = 0; i < MANY; i++) {
      Frame answer = client.receive();
      switch (i % 5) {
        case 0 -> assertThat(((Answers.Produced) Opcode.PRODUCE.answer(answer)).offset()).isEqualTo(i / 5);
        case 1 -> assertThat(ErrorStyle.text(answer)).isEqualTo("topic not found");
        case 2 -> assertThat(FlyMqClient.text(((Answers.Consumed) Opcode.CONSUME.answer(answer)).value())).isEqualTo("v" + (i - 2));
        case 3 -> assertThat(ErrorStyle.text(answer)).isEqualTo("unknown subscribe mode: mode-" + i);
        default -> assertThat(answer.opcode()).isEqualTo(Opcode.WHOAMI.code());
      }
    }
    sender.join();
  }

  @Test
  void aFrameMayComeByteByByteAndEndAnywhere() {
    EmbeddedServer server = start();
    byte[] frame = ByteBufUtil.getBytes(Frame.of(Opcode.PRODUCE, FlyMqClient.record("t", "k", "value", -1)));
    for (int cut = 0; cut < frame.length; cut++) {
      try (FlyMqClient client = new FlyMqClient(server)) {
        client.send(Arrays.copyOf(frame, cut));
      }
      FlyMqClient client = connect(server);
      client.send(Arrays.copyOf(frame, cut));
      client.send(Arrays.copyOfRange(frame, cut, frame.length));
      assertThat(client.receive().opcode()).isEqualTo(Opcode.PRODUCE.code());
    }
    FlyMqClient slow = connect(server);
    for (byte one : frame) {
      slow.send(new byte[] {one});
    }
    assertThat(slow.receive().opcode()).isEqualTo(Opcode.PRODUCE.code());
    Answers.Fetched all = slow.call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1_000, ""));
    assertThat(all.records()).as("what was cut off was not stored").hasSize(frame.length + 1);
  }

  /** It sends requests whose answers are a thousand times as large, until nothing more is taken from it. */
  @Test
  void whoDoesNotReadItsAnswersIsNotRead() throws Exception {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "x".repeat(1 << 20), -1));
    byte[] fetch = ByteBufUtil.getBytes(Frame.of(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1, "")));
    byte[] many = new byte[fetch.length * 1_000];
    for (int i = 0; i < 1_000; i++) {
      System.arraycopy(fetch, 0, many, i * fetch.length, fetch.length);
    }
    // 10,000 MiB of answers, of which ten sockets and buffers hold what they can: this process has 1 GiB.
    List<FlyMqClient> greedy = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      FlyMqClient one = connect(server);
      one.send(many);
      greedy.add(one);
    }
    for (int i = 0; i < 20; i++) {
      client.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1, ""));
    }
    for (FlyMqClient one : greedy) {
      for (int i = 0; i < 5; i++) {
        assertThat(((Answers.Fetched) Opcode.FETCH.answer(one.receive())).records()).hasSize(1);
      }
    }
  }

  @Test
  void aThousandIdleConnectionsHoldNobodyUp() throws Exception {
    EmbeddedServer server = start();
    for (int i = 0; i < 1_000; i++) {
      opened(new Socket(server.host(), server.port()));
    }
    FlyMqClient client = connect(server);
    assertThat(client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1)).offset()).isZero();
  }

  /** It asks a thousand times for what takes a while, in one piece: somebody else is answered before all of that is done. */
  @Test
  void whoAsksMuchAtOnceTakesTurnsWithTheOthers() {
    EmbeddedServer server = start();
    FlyMqClient other = connect(server);
    for (int i = 0; i < 200; i++) {
      other.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("t" + i, 1));
    }
    FlyMqClient client = connect(server);
    byte[] question = ByteBufUtil.getBytes(Frame.of(Opcode.LIST_GROUPS, Message.EMPTY));
    byte[] last = ByteBufUtil.getBytes(Frame.of(Opcode.PRODUCE, FlyMqClient.record("t0", "", "last", -1)));
    int questions = 1_000;
    byte[] all = Arrays.copyOf(last, questions * question.length + last.length);
    for (int i = 0; i < questions; i++) {
      System.arraycopy(question, 0, all, i * question.length, question.length);
    }
    System.arraycopy(last, 0, all, questions * question.length, last.length);
    client.send(all);
    assertThat(client.receive().opcode()).isEqualTo(Opcode.LIST_GROUPS.code());
    assertThat(other.refused(Opcode.CONSUME, new Requests.Consume("t0", 0, 0))).as("the last request is not done yet").isEqualTo("E0 EOF");
    for (int i = 1; i < questions; i++) {
      assertThat(client.receive().opcode()).isEqualTo(Opcode.LIST_GROUPS.code());
    }
    assertThat(client.receive().opcode()).isEqualTo(Opcode.PRODUCE.code());
  }

  /** What takes a public server down: here whoever adds makes the topic anew, and whoever reads is told that it is not there. */
  @Test
  void topicsMayBeDeletedWhileTheyAreUsed() throws Exception {
    EmbeddedServer server = start();
    int rounds = 2_000;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      FlyMqClient writer = connect(server);
      writers.add(
          threads.submit(
              () -> {
                for (int n = 0; n < rounds; n++) {
                  writer.send(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
                  writer.send(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1, ""));
                }
                for (int n = 0; n < rounds; n++) {
                  assertThat(writer.receive().opcode()).isEqualTo(Opcode.PRODUCE.code());
                  Frame read = writer.receive();
                  assertThat(read.opcode() == ErrorStyle.OPCODE ? ErrorStyle.text(read) : "").isIn("", "topic not found: t");
                }
              }));
    }
    FlyMqClient deleter = connect(server);
    while (writers.stream().anyMatch(writer -> !writer.isDone())) {
      deleter.<Answers.Done>call(Opcode.DELETE_TOPIC, new Requests.Name("t"));
      deleter.<Answers.Cluster>call(Opcode.CLUSTER_METADATA, new Requests.Name(""));
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    threads.shutdown();
  }

  @Test
  void aStoppedServerLetsGoOfItsConnectionsAndComesBackAsItWas() throws Exception {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
    server.stop();
    assertThat(client.receive()).isNull();
    server.start();
    assertThat(connect(server).<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1, "")).records()).hasSize(1);
  }
}
