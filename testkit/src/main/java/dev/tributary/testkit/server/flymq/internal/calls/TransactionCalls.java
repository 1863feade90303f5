package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.Records.NewRecord;
import dev.tributary.testkit.server.flymq.internal.store.Transactions;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Transactions, or what answers like them where the feature is off: then everything is done at once and succeeds. */
public final class TransactionCalls {
  private final Transactions transactions;
  private final RecordCalls records;
  private final TimeSource time;
  private final boolean on;

  public TransactionCalls(Transactions transactions, RecordCalls records, TimeSource time, boolean on) {
    this.transactions = transactions;
    this.records = records;
    this.time = time;
    this.on = on;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.TXN_BEGIN, Message.class, (nothing, call) -> begin(call))
        .on(Opcode.TXN_PRODUCE, Requests.ProduceInTransaction.class, Requests.ProduceInTransaction::topic, this::produce)
        .on(Opcode.TXN_COMMIT, Requests.Name.class, (request, call) -> end(request.name(), call, transactions::commit))
        .on(Opcode.TXN_ROLLBACK, Requests.Name.class, (request, call) -> end(request.name(), call, transactions::rollback));
  }

  private CompletableFuture<Answers.Transaction> begin(Call call) {
    return on
        ? Steps.map(transactions.begin(call.deadline()), id -> new Answers.Transaction(id, true))
        : CompletableFuture.completedFuture(new Answers.Transaction("txn-" + time.now().toEpochMilli() + "000000", true));
  }

  private CompletableFuture<Answers.Produced> produce(Requests.ProduceInTransaction request, Call call) {
    return on
        ? Steps.map(
            transactions.add(request.transaction(), request.topic(), request.value(), call.deadline()),
            position -> records.pending(request.topic(), position, request.value()))
        : records.produceSpecially(request.topic(), NewRecord.of(request.value()), call);
  }

  private CompletableFuture<Answers.Transaction> end(
      String id, Call call, BiFunction<String, Deadline, CompletableFuture<Boolean>> how) {
    return on
        ? Steps.map(how.apply(id, call.deadline()), done -> new Answers.Transaction(id, done))
        : CompletableFuture.completedFuture(new Answers.Transaction(id, true));
  }
}
