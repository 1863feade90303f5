package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.engine.MemoryEngine;
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

  /** Each of its requests takes longer than its turn, and all of them are there: somebody else is answered before they are done. */
  @Test
  void whoAsksMuchAtOnceTakesTurnsWithTheOthers() throws Exception {
    int questions = 20;
    BusyTransport busy = new BusyTransport(opened(MemoryEngine.builder().time(time).build()).connect());
    EmbeddedServer server = opened(EmbeddedServer.flymq().time(time).transport(busy.transport()).start());
    FlyMqClient other = connect(server);
    other.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
    FlyMqClient client = connect(server);
    byte[] question = ByteBufUtil.getBytes(Frame.of(Opcode.CONSUME, new Requests.Consume("t", 0, 0)));
    byte[] all = new byte[questions * question.length];
    for (int i = 0; i < questions; i++) {
      System.arraycopy(question, 0, all, i * question.length, question.length);
    }
    busy.begin();
    client.send(all);
    busy.awaitFirst();
    other.send(Opcode.LIST_TOPICS, Message.EMPTY);
    busy.goOn();
    assertThat(other.receive().opcode()).isEqualTo(Opcode.LIST_TOPICS.code());
    for (int i = 0; i < questions; i++) {
      assertThat(client.receive().opcode()).isEqualTo(Opcode.CONSUME.code());
    }
    assertThat(busy.readsWhenListed()).as("what was read when the other was served").isBetween(1, questions / 2);
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
