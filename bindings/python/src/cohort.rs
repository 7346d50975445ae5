//! Columns of records, and their answers.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array as _, ArrayRef, GenericStringArray, OffsetSizeTrait};
use arrow_buffer::OffsetBuffer;
use arrow_schema::DataType;
use pyo3::exceptions::{PyIndexError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use regimen::batch::{self, NotReady, Numbered, Selection};

use crate::arrow::{Column, export, import};
use crate::{as_of, depth, refused};

/// What is asked of every record of a column.
#[pyclass(frozen, module = "regimen._regimen")]
pub(crate) struct Cohort(batch::Cohort);

#[pymethods]
impl Cohort {
    #[new]
    fn new(
        py: Python<'_>,
        protocols: Vec<PathBuf>,
        as_of_day: &str,
        explain: Option<&str>,
        set: Vec<String>,
        strict: bool,
        lang: Option<&str>,
    ) -> PyResult<Cohort> {
        let (as_of, explain) = (as_of(as_of_day)?, explain.map(depth).transpose()?);
        let selection = Selection::read(&protocols, as_of, lang).map_err(|found| refused(py, &found))?;
        let cohort = batch::Cohort::new(selection, &set, explain, strict).map_err(|why| match why {
            NotReady::Mistakes(found) => refused(py, &found),
            other => PyValueError::new_err(other.to_string()),
        })?;
        Ok(Cohort(cohort))
    }

    #[getter]
    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    /// The protocols that answer, by id and version.
    #[getter]
    fn protocols(&self) -> Vec<(String, String)> {
        let named = self.0.protocols().iter().map(|one| one.protocol());
        named.map(|protocol| (protocol.id.clone(), protocol.version.clone())).collect()
    }

    /// The ids of those that cannot, each with the reason.
    #[getter]
    fn broken(&self) -> Vec<(String, String)> {
        self.0.broken().iter().map(|one| (one.id.clone(), one.told())).collect()
    }

    fn answer(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        numbers: Option<&Bound<'_, PyAny>>,
        whole: bool,
        jobs: usize,
    ) -> PyResult<Answers> {
        let records = import(records, "records")?;
        let texts = texts(&records)?;
        let numbers = match numbers {
            Some(numbers) => whole_numbers(&import(numbers, "numbers")?)?,
            None => (1..).take(texts.len()).collect(),
        };
        if numbers.len() != texts.len() {
            let message = format!("there are {} records and {} numbers", texts.len(), numbers.len());
            return Err(PyValueError::new_err(message));
        }
        let numbered: Vec<Numbered<'_>> =
            numbers.into_iter().zip(texts).map(|(number, record)| Numbered { number, record }).collect();
        // Other threads may use Python meanwhile.
        let answers = py.detach(|| match whole {
            true => self.0.answer_all(&numbered, jobs),
            false => self.0.answer(&numbered, jobs),
        });
        match records.ty {
            DataType::Utf8 => array::<i32>(answers),
            // Answers may be longer than records, and every engine reads these.
            _ => array::<i64>(answers),
        }
    }
}

/// The texts of a column.
fn texts(column: &Column) -> PyResult<Vec<Option<&str>>> {
    let mut all = Vec::with_capacity(column.arrays.iter().map(|array| array.len()).sum());
    for array in &column.arrays {
        match column.ty {
            DataType::Utf8 => all.extend(array.as_string::<i32>()),
            DataType::LargeUtf8 => all.extend(array.as_string::<i64>()),
            DataType::Utf8View => all.extend(array.as_string_view()),
            _ => break,
        }
    }
    match &column.ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(all),
        // What DuckDB and pyarrow make of a column in which nothing is known.
        DataType::Null => Ok(vec![None; column.arrays.iter().map(|array| array.len()).sum()]),
        other => Err(PyTypeError::new_err(format!(
            "`records` should be a column of texts, each a record in JSON, but this is one of {other}"
        ))),
    }
}

/// The numbers of a column.
fn whole_numbers(column: &Column) -> PyResult<Vec<u64>> {
    fn of<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &ArrayRef) -> Vec<Option<i128>> {
        array.as_primitive::<T>().iter().map(|number| number.map(Into::into)).collect()
    }
    let mut all = Vec::new();
    for array in &column.arrays {
        let numbers = match &column.ty {
            DataType::Int8 => of::<Int8Type>(array),
            DataType::Int16 => of::<Int16Type>(array),
            DataType::Int32 => of::<Int32Type>(array),
            DataType::Int64 => of::<Int64Type>(array),
            DataType::UInt8 => of::<UInt8Type>(array),
            DataType::UInt16 => of::<UInt16Type>(array),
            DataType::UInt32 => of::<UInt32Type>(array),
            DataType::UInt64 => of::<UInt64Type>(array),
            other => {
                let message = format!("`numbers` should be a column of whole numbers, but this is one of {other}");
                return Err(PyTypeError::new_err(message));
            }
        };
        for number in numbers {
            let number = number.ok_or_else(|| PyValueError::new_err("a record has no number: `numbers` has a null"))?;
            let number = u64::try_from(number);
            all.push(number.map_err(|_| PyValueError::new_err("a record's number is less than 0"))?);
        }
    }
    Ok(all)
}

/// The answers as an array of texts.
fn array<O: OffsetSizeTrait>(answers: batch::Answers) -> PyResult<Answers> {
    let too_long = || {
        PyOverflowError::new_err(
            "the answers are longer than 2 GiB, more than a column of this type holds: answer fewer records in a call, or pass large strings",
        )
    };
    let mut offsets = Vec::with_capacity(answers.ends.len() + 1);
    for end in std::iter::once(0).chain(answers.ends) {
        offsets.push(O::from_usize(end).ok_or_else(too_long)?);
    }
    // INVARIANT: no answer ends before it begins.
    let offsets = OffsetBuffer::new(offsets.into());
    let array = GenericStringArray::<O>::try_new(offsets, answers.text.into_bytes().into(), None);
    let array = array.map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(Answers(Arc::new(array)))
}

/// The answers to a column: an Arrow column of texts, and a sequence of them.
#[pyclass(frozen, sequence, module = "regimen")]
pub(crate) struct Answers(ArrayRef);

#[pymethods]
impl Answers {
    /// The column, for whoever reads Arrow.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        // Whoever wants another type may cast it: the interface leaves that to both sides.
        let _ = requested_schema;
        export(py, &self.0)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __getitem__(&self, at: isize) -> PyResult<&str> {
        let length = self.0.len();
        let at = if at < 0 { length.checked_sub(at.unsigned_abs()) } else { usize::try_from(at).ok() };
        let at = at.filter(|at| *at < length).ok_or_else(|| PyIndexError::new_err("there are not so many answers"))?;
        Ok(match self.0.data_type() {
            DataType::Utf8 => self.0.as_string::<i32>().value(at),
            _ => self.0.as_string::<i64>().value(at),
        })
    }

    fn __repr__(&self) -> String {
        format!("<{} answers>", self.0.len())
    }
}
