//! Arrow arrays in and out, by the PyCapsule interface: whatever engine they come from, no Arrow library is needed in Python.
//!
//! The only unsafe code of regimen is in this file.

#![allow(unsafe_code, reason = "what crosses the C data interface is a pointer, and only its producer vouches for it")]

use std::ffi::CStr;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array, ArrayReader as _, ArrayRef, make_array};
use arrow_schema::{ArrowError, DataType};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// A column: its type, and its values in as many arrays as it has.
pub(crate) struct Column {
    pub(crate) ty: DataType,
    pub(crate) arrays: Vec<ArrayRef>,
}

/// Takes a column over from whoever offers one.
pub(crate) fn import(column: &Bound<'_, PyAny>, name: &str) -> PyResult<Column> {
    let broken = |error: ArrowError| PyValueError::new_err(format!("`{name}` is no sound Arrow column: {error}"));
    if column.hasattr("__arrow_c_array__")? {
        let offered = column.call_method0("__arrow_c_array__")?;
        let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = offered.extract()?;
        let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
        let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
        // SAFETY: capsules of these names hold these structures and nothing else: that is the Arrow PyCapsule interface. They are alive
        // here, and nobody else looks at them while the interpreter is held. What they hold is moved out, and an empty structure left
        // behind, as the interface wants it, so that it is released once.
        let (schema, array) =
            unsafe { (FFI_ArrowSchema::from_raw(schema.as_ptr()), FFI_ArrowArray::from_raw(array.as_ptr())) };
        // SAFETY: both come from one producer, who vouches that they belong together and that the buffers are as long as the C data
        // interface says. What is in the buffers is validated below, before anybody reads it.
        let data = unsafe { from_ffi(array, &schema) }.map_err(broken)?;
        data.validate_full().map_err(broken)?;
        return Ok(Column { ty: data.data_type().clone(), arrays: vec![make_array(data)] });
    }
    if column.hasattr("__arrow_c_stream__")? {
        let stream: Bound<'_, PyCapsule> = column.call_method0("__arrow_c_stream__")?.extract()?;
        let stream = stream.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
        // SAFETY: as above, of one structure.
        let reader = unsafe { ArrayStreamReader::from_raw(stream.as_ptr()) }.map_err(broken)?;
        let ty = reader.field().data_type().clone();
        let mut arrays = Vec::new();
        for array in reader {
            let array = array.map_err(broken)?;
            array.to_data().validate_full().map_err(broken)?;
            arrays.push(array);
        }
        return Ok(Column { ty, arrays });
    }
    let kind = column.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "`{name}` should be an Arrow column, as of pyarrow, Polars or DuckDB, but this is {kind}: pyarrow.array(…) makes one of a list"
    )))
}

/// Hands an array over: its schema and the array, each in a capsule that releases it if nobody takes it.
pub(crate) fn export<'py>(
    py: Python<'py>,
    array: &ArrayRef,
) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
    let (array, schema) = to_ffi(&array.to_data()).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok((PyCapsule::new_with_value(py, schema, SCHEMA)?, PyCapsule::new_with_value(py, array, ARRAY)?))
}
