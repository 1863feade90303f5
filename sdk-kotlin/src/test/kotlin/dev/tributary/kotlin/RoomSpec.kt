package dev.tributary.kotlin

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import dev.tributary.stream.Position
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotBeEmpty

/** What this module knows, and what its handles cost. */
class RoomSpec :
  FunSpec({
    val own by lazy {
      ClassFileImporter().withImportOption(ImportOption.DoNotIncludeTests()).importPackages("dev.tributary.kotlin")
    }

    test("knows the public API, Kotlin and coroutines, and nothing else but in the one package that adapts it") {
      classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
          "java..",
          "kotlin..",
          "kotlinx.coroutines..",
          "org.jetbrains.annotations",
          "dev.tributary..",
          *GUESTS.values.flatten().toTypedArray(),
        )
        .check(own)
      noClasses().should().dependOnClassesThat().resideInAnyPackage("dev.tributary.internal..", "dev.tributary.vertx..").check(own)
      for ((host, guests) in GUESTS) {
        noClasses().that().resideOutsideOfPackage(host).should().dependOnClassesThat().resideInAnyPackage(*guests.toTypedArray()).check(own)
      }
    }

    test("builders cost nothing: using them boxes nothing") {
      val path = ClassFileImporter().importClasses(HotPath::class.java).first()
      path.allCallsToBuilders().shouldNotBeEmpty()
      path.boxing().shouldBeEmpty()
      ClassFileImporter().importClasses(Boxes::class.java).first().boxing().shouldNotBeEmpty()
    }
  })

/** What only one package knows. */
private val GUESTS =
  mapOf(
    "dev.tributary.kotlin.opentelemetry" to listOf("io.opentelemetry.."),
    "dev.tributary.kotlin.serialization" to listOf("kotlinx.serialization.."),
    "dev.tributary.kotlin.test" to listOf("dev.tributary.testkit..", "kotlinx.coroutines.test.."),
  )

/** Calls that are made often, as a user writes them. */
internal class HotPath(private val client: Tributary) {
  suspend fun events(values: List<ByteArray>) {
    val stream = client.stream("orders")
    for (value in values) stream.publish(value)
    for (value in values) stream.publish(value) { key("k") }
    stream.publisher().use { publisher -> for (value in values) publisher.send(value) { header("a", "b") } }
    for (message in stream.read(0, 0, 100)) stream.commit("group", Position(message.partition, message.offset + 1))
  }

  suspend fun jobs(values: List<ByteArray>) {
    val queue = client.queue("work")
    for (value in values) queue.enqueue(value) { priority(1) }
    while (true) {
      val job = queue.reserve() ?: break
      if (job.attempt > 3) job.reject("too often") else job.ack()
    }
  }

  suspend fun keys(values: List<ByteArray>) {
    val store = client.keyValue("latest")
    for (value in values) store.put("k", value)
    store.get("k")
  }

  suspend fun transaction(value: ByteArray): Position? = client.inTransaction { it.publish(client.stream("orders"), value) }
}

/** What costs: a builder in a list. */
internal class Boxes {
  fun list(builder: EventBuilder<String>): List<EventBuilder<String>> = listOf(builder)
}

private fun JavaClass.boxing() = methodCallsFromSelf.filter { it.target.name == "box-impl" }.map { it.description }

private fun JavaClass.allCallsToBuilders() = methodCallsFromSelf.filter { it.targetOwner.name.endsWith("Builder") }
