/**
 * The definition of what every backend must do, as abstract JUnit suites. To run them on a transport of your own, implement
 * {@link dev.tributary.testkit.contract.Backend} once and extend each suite with a class that opens it:
 *
 * <pre>{@code
 * final class MyStreamTest extends StreamContract {
 *   @Override
 *   protected Backend open() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>Two suites are made of one for each topic, nested, so that one class runs them all. To run a topic alone, extend its suite:
 *
 * <ul>
 *   <li>{@link dev.tributary.testkit.contract.StreamContract}: {@link dev.tributary.testkit.contract.PublishContract}, {@link
 *       dev.tributary.testkit.contract.BatchContract}, {@link dev.tributary.testkit.contract.PublishFromContract}, {@link
 *       dev.tributary.testkit.contract.ReadContract}, {@link dev.tributary.testkit.contract.CommitContract}, {@link
 *       dev.tributary.testkit.contract.SubscribeContract}, {@link dev.tributary.testkit.contract.ConsumerContract}, {@link
 *       dev.tributary.testkit.contract.StreamDeadLetterContract}, {@link dev.tributary.testkit.contract.DeadLetterAddingContract}, {@link
 *       dev.tributary.testkit.contract.GroupContract}, {@link dev.tributary.testkit.contract.ReplayContract}
 *   <li>{@link dev.tributary.testkit.contract.QueueContract}: {@link dev.tributary.testkit.contract.EnqueueContract}, {@link
 *       dev.tributary.testkit.contract.ReceiveContract}, {@link dev.tributary.testkit.contract.SettleContract}, {@link
 *       dev.tributary.testkit.contract.DeadLetterContract}, {@link dev.tributary.testkit.contract.InspectContract}, {@link
 *       dev.tributary.testkit.contract.JobStreamContract}, {@link dev.tributary.testkit.contract.WorkerContract}
 * </ul>
 *
 * <p>The other suites are one class each: {@link dev.tributary.testkit.contract.KeyValueContract}, {@link
 * dev.tributary.testkit.contract.SchemaContract}, {@link dev.tributary.testkit.contract.TransactionContract}, {@link
 * dev.tributary.testkit.contract.AdminContract}, {@link dev.tributary.testkit.contract.ClientContract}, {@link
 * dev.tributary.testkit.contract.BadInputContract}, {@link dev.tributary.testkit.contract.FaultContract}, {@link
 * dev.tributary.testkit.contract.DataLossContract} and {@link dev.tributary.testkit.contract.EnduranceContract}.
 */
@NullMarked
package dev.tributary.testkit.contract;

import org.jspecify.annotations.NullMarked;
