package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.TransactionOptions;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.spi.TransactionTransport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of the driver that have nothing else in common: answers that make no sense, calls side by side, and what is left at a close. */
@Timeout(60)
class GoQueueCallsTest extends GoQueueTest {
  @BeforeEach
  void serve() throws Exception {
    version("tributary test");
    connect(config());
  }

  @Test
  void aTopicThatAnswersByAnotherNameIsNoAnswer() throws Exception {
    server.on("GET /topics", "{'topics':['orders']}");
    server.on("GET /topics/orders", "{'name':'bills','partitions':1,'partition_offsets':{'0':{'earliest':0,'latest':3}}}");
    failure(driver.admin().orElseThrow().list(ResourceKind.QUEUE, soon()), ProtocolViolationException.class);
  }

  @Test
  void partitionsThatNoTopicHasAreNoAnswer() throws Exception {
    topic("orders", 1, 0, 3);
    server.on("GET /groups/g@orders/offsets", "{'topics':{'orders':{'-1':5}}}");
    failure(streams().committed(NAME, "g", 0, soon()), ProtocolViolationException.class);
    server.on("GET /groups/g@orders/offsets", "{'topics':{'orders':{'2147483647':5}}}");
    failure(streams().committed(NAME, "g", 0, soon()), ProtocolViolationException.class);
    server.on("GET /topics/orders", "{'name':'orders','partitions':2147483647,'partition_offsets':{}}");
    failure(streams().partitions(NAME, soon()), ProtocolViolationException.class);
    failure(streams().groupState(NAME, "g", soon()), ProtocolViolationException.class);
  }

  @Test
  void whatDoesNotDependOnEachOtherIsAskedTogether() throws Exception {
    server.faults(q -> q.line().equals("GET /version") || q.line().equals("GET /health") ? null : ScriptedHttp.Reply.SILENCE);
    CompletableFuture<?> statistics = driver.admin().orElseThrow().statistics(soon());
    askedFor(4);
    statistics.cancel(true);
    CompletableFuture<?> stats = driver.queues().orElseThrow().stats(NAME, soon());
    askedFor(7);
    stats.cancel(true);
    CompletableFuture<?> state = streams().groupState(NAME, "g", soon());
    askedFor(10);
    state.cancel(true);
  }

  private void askedFor(int requests) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    // Not counting what is asked of an endpoint that nothing was heard from yet.
    while (server.asked.stream().filter(asked -> !asked.line().equals("GET /health")).count() < requests) {
      assertThat(System.nanoTime()).as("asked: " + server.asked).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void aMissingTopicIsWhatIsToldWhicheverAnswerComesFirst() throws Exception {
    server.on("GET /topics/orders", q -> ScriptedHttp.Reply.error(404, "topic not found"));
    server.on("GET /groups/workers@orders/offsets", "{'topics':{}}");
    server.on("GET /topics/orders/delayed", "{'messages':[]}");
    failure(driver.queues().orElseThrow().stats(NAME, soon()), NotFoundException.class);
  }

  // Transactions.

  private void transactions() {
    server
        .on("POST /producers/init", "{'producer_id':7,'epoch':0}")
        .on("POST /transactions/begin", "{'transaction_id':'txn-1'}")
        .on("POST /transactions/abort", "{'status':'aborted'}")
        .on("POST /transactions/commit", "{'status':'committed'}");
  }

  private TransactionTransport.Session begin() throws Exception {
    return get(driver.transactions().orElseThrow().begin(TransactionOptions.DEFAULT, soon()));
  }

  @Test
  void aTransactionThatIsOpenWhenTheClientClosesIsEnded() throws Exception {
    transactions();
    begin();
    get(begin().commit(soon()));
    get(driver.close());
    assertThat(server.asked("POST /transactions/abort")).hasSize(1);
  }

  @Test
  void closingDoesNotWaitForAServerThatDoesNotEndIt() throws Exception {
    transactions();
    begin();
    server.on("POST /transactions/abort", q -> ScriptedHttp.Reply.BREAK);
    get(driver.close());
    assertThat(server.asked("POST /transactions/abort")).isNotEmpty();
  }
}
